// What is counted for each real user.
#include "sys/condvar.hpp"
#include "sys/kmem.hpp"
#include "sys/resourcevar.hpp"
#include "sys/systm.hpp"

namespace {

kmutex_t uihash_lock;
LIST_HEAD<uidinfo, &uidinfo::ui_list> uidinfos; // [uihash_lock] never shrinks

uidinfo* uid_lookup(uid_t uid) {
    for (uidinfo& ui : uidinfos) {
        if (ui.ui_uid == uid) {
            return &ui;
        }
    }
    return nullptr;
}

} // namespace

void uid_init() {
    mutex_init(&uihash_lock, MUTEX_DEFAULT, IPL_NONE);
    uidinfos.init();
}

// => may sleep; the result stays valid for ever
uidinfo* uid_find(uid_t uid) {
    mutex_enter(&uihash_lock);
    uidinfo* ui = uid_lookup(uid);
    mutex_exit(&uihash_lock);
    if (ui != nullptr) {
        return ui;
    }
    auto* fresh = kmem_new<uidinfo>(KM_SLEEP);
    fresh->ui_uid = uid;
    mutex_enter(&uihash_lock);
    ui = uid_lookup(uid);
    if (ui == nullptr) {
        ui = fresh;
        fresh = nullptr;
        uidinfos.insert_head(ui);
    }
    mutex_exit(&uihash_lock);
    if (fresh != nullptr) {
        kmem_delete(fresh);
    }
    return ui;
}

long chgproccnt(uid_t uid, int diff) {
    const long count = uid_find(uid)->ui_proccnt.fetch_add(diff) + diff;
    KASSERT(count >= 0);
    return count;
}
