// What is counted for each real user.
#include "sys/condvar.hpp"
#include "sys/pool.hpp"
#include "sys/resourcevar.hpp"
#include "sys/systm.hpp"

namespace {

kmutex_t uihash_lock;
LIST_HEAD<uidinfo, &uidinfo::ui_list> uidinfos; // [uihash_lock] never shrinks
pool uidinfo_pool;

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
    pool_init(&uidinfo_pool, sizeof(uidinfo), 0, "uidinfo", IPL_NONE);
}

// => may sleep; the result stays valid for ever
uidinfo* uid_find(uid_t uid) {
    mutex_enter(&uihash_lock);
    uidinfo* ui = uid_lookup(uid);
    mutex_exit(&uihash_lock);
    if (ui != nullptr) {
        return ui;
    }
    auto* fresh = pool_get<uidinfo>(&uidinfo_pool, PR_WAITOK | PR_ZERO);
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
        pool_put(&uidinfo_pool, fresh);
    }
    return ui;
}

namespace {

long change(std::atomic<long>& what, int diff) {
    const long count = what.fetch_add(diff) + diff;
    KASSERT(count >= 0);
    return count;
}

} // namespace

long chgproccnt(uid_t uid, int diff) {
    return change(uid_find(uid)->ui_proccnt, diff);
}

long chglwpcnt(uid_t uid, int diff) {
    return change(uid_find(uid)->ui_lwpcnt, diff);
}

long chglockcnt(uid_t uid, int diff) {
    return change(uid_find(uid)->ui_lockcnt, diff);
}
