// What a host that looks into the stopped machine needs to know: abi/layout.hpp.

#include "machine/machdep.hpp"
#include "machine/pmap.hpp"
#include "uvm/uvm_map.hpp"

static_assert(UVM_ET_COPYONWRITE == abi::kEntryCopyOnWrite &&
              UVM_ET_NEEDSCOPY == abi::kEntryNeedsCopy && PG_ANON == abi::kPageAnonymous);

extern u8 _start_of_image[], _end[];

const abi::KernelLayout kernel_layout = {
    .version = abi::kLayoutVersion,
    .map_pmap = offsetof(vm_map, pmap),
    .map_entries = offsetof(vm_map, entries),
    .pmap_root = offsetof(pmap, pm_l1_pa),
    .pmap_asid = offsetof(pmap, pm_asid),
    .entry_next = offsetof(vm_map_entry, link),
    .entry_start = offsetof(vm_map_entry, start),
    .entry_end = offsetof(vm_map_entry, end),
    .entry_object = offsetof(vm_map_entry, uobj),
    .entry_offset = offsetof(vm_map_entry, offset),
    .entry_protection = offsetof(vm_map_entry, protection),
    .entry_inheritance = offsetof(vm_map_entry, inheritance),
    .entry_flags = offsetof(vm_map_entry, etype),
    .entry_wired = offsetof(vm_map_entry, wired_count),
    .object_anonymous = offsetof(uvm_object, uo_anonymous),
    .ram_start = offsetof(uvm_ram, start),
    .ram_pages = offsetof(uvm_ram, pages),
    .page_size = sizeof(vm_page),
    .page_flags = offsetof(vm_page, flags),
    .ram = reinterpret_cast<u64>(&physram),
    .image_start = reinterpret_cast<u64>(_start_of_image),
    .image_end = reinterpret_cast<u64>(_end),
};
