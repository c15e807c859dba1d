// Anons: making and freeing.

#include "uvm/uvm_anon.hpp"

#include "sys/inject.hpp"
#include "sys/pool.hpp"
#include "sys/systm.hpp"
#include "uvm/uvm_pmap.hpp"

namespace {

pool_cache uvm_anon_cache;

} // namespace

void uvm_anon_init() {
    pool_cache_bootstrap(&uvm_anon_cache, sizeof(vm_anon), 8, "anonpl", IPL_NONE);
}

vm_anon* uvm_analloc() {
    if (inject(Inject::Anon)) {
        return nullptr;
    }
    auto* anon = pool_cache_get<vm_anon>(&uvm_anon_cache, PR_NOWAIT);
    if (anon != nullptr) {
        *anon = {nullptr, nullptr, 1};
        ++uvmexp.anons;
    }
    return anon;
}

void uvm_anfree(vm_anon* anon) {
    KASSERT(anon->an_ref == 0);
    if (anon->an_page != nullptr) {
        pmap_page_protect(anon->an_page, VM_PROT_NONE);
        uvm_pagefree(anon->an_page);
    }
    --uvmexp.anons;
    pool_cache_put(&uvm_anon_cache, anon);
}
