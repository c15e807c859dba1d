// Memory objects: what a map entry maps besides anonymous memory. An object
// owns pages by offset; its pager fills them.
#pragma once

#include "lib/radixtree.hpp"
#include "sys/flags.hpp"
#include "sys/mutex.hpp"
#include "uvm/uvm_page.hpp"

struct uvm_object;
struct uio;

enum PgoFlags : unsigned {
    PGO_NONE = 0,
    PGO_FREE = 1, // pgo_put: free the pages
};
template <> inline constexpr bool is_flags<PgoFlags> = true;

// What had to be done for a page that was asked for.
enum class PageFill { None, Zero, File };

// => pgo_get and pgo_put are called with the object locked, the others without
struct uvm_pagerops {
    void (*pgo_reference)(uvm_object* uobj);
    void (*pgo_detach)(uvm_object* uobj); // the last one frees the object
    // The page at `offset`, made if need be. EINVAL: beyond the object's end;
    // ENOMEM: no frame.
    Errno (*pgo_get)(uvm_object* uobj, voff_t offset, vm_page** page, PageFill* fill);
    // Frees pages in [start, stop); stop 0 means to the end.
    Errno (*pgo_put)(uvm_object* uobj, voff_t start, voff_t stop, PgoFlags flags);
};

struct uvm_object {
    kmutex_t* vmobjlock;
    const uvm_pagerops* pgops;
    radix_tree uo_pages; // page index -> vm_page
    u32 uo_npages;
    u32 uo_refs;
    bool uo_anonymous; // shared memory without a name
};

void uvm_obj_init(uvm_object* uobj, const uvm_pagerops* ops, u32 refs);
void uvm_obj_destroy(uvm_object* uobj); // => no pages left

// --- uvm_aobj.cpp: memory with a name, shared by those who map it ------------
// An object of anonymous pages, `size` bytes long: shared mappings of no file,
// and the contents of files.
[[nodiscard]] uvm_object* uao_create(voff_t size);
// The same with initial contents that lie in memory and stay there (the RAM
// disk): a page is copied from there when it is first asked for.
[[nodiscard]] uvm_object* uao_create_backed(const void* data, voff_t size);
void uao_reference(uvm_object* uobj);
void uao_detach(uvm_object* uobj);
voff_t uao_size(const uvm_object* uobj);
// Truncates or extends. What is cut off is zero if the object grows again.
void uao_setsize(uvm_object* uobj, voff_t size);

// Initial contents at `offset`, at most *len bytes; nullptr: there are none.
const u8* uao_backing(const uvm_object* uobj, voff_t offset, size_t* len);

// --- uvm_bio.cpp: read and write ----------------------------------------------
// Moves `todo` bytes between the object, from uio->uio_offset on, and the uio.
// => a hole reads as zero; the object must be long enough for a write
// => may sleep; object unlocked; ENOMEM: no frame for a write
Errno ubc_uiomove(uvm_object* uobj, uio* uio, vsize_t todo);
// The same for a kernel buffer: exec's headers, the boot loader's archive.
Errno ubc_read(uvm_object* uobj, voff_t off, void* buf, size_t len);
Errno ubc_write(uvm_object* uobj, voff_t off, const void* buf, size_t len);
