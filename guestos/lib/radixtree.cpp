// Radix tree of 64-slot nodes. A node at height h covers 64^h indices; the tree
// grows at the root when an index is beyond it.

#include "lib/radixtree.hpp"

#include "sys/pool.hpp"
#include "sys/systm.hpp"

namespace {

constexpr unsigned kBits = 6;
constexpr unsigned kSlots = 1U << kBits;

pool_cache node_cache;

} // namespace

struct radix_tree_node {
    void* n_slot[kSlots];
    unsigned n_used;
};

static radix_tree_node* node_alloc() {
    return pool_cache_get<radix_tree_node>(&node_cache, PR_NOWAIT | PR_RESERVE | PR_ZERO);
}

static unsigned slot_of(u64 index, unsigned height) {
    return (index >> (kBits * (height - 1))) & (kSlots - 1);
}

// Is the index within a tree of that height?
static bool covered(u64 index, unsigned height) {
    return height * kBits >= 64 || index >> (height * kBits) == 0;
}

void radix_tree_init() {
    pool_cache_bootstrap(&node_cache, sizeof(radix_tree_node), 16, "radixnode", IPL_NONE);
}

// Makes the tree high enough for the index.
static Errno tree_grow(radix_tree* tree, u64 index) {
    while (tree->t_height == 0 || !covered(index, tree->t_height)) {
        radix_tree_node* root = node_alloc();
        if (root == nullptr) {
            return ENOMEM;
        }
        if (tree->t_root != nullptr) {
            root->n_slot[0] = tree->t_root;
            root->n_used = 1;
        }
        tree->t_root = root;
        ++tree->t_height;
    }
    return EOK;
}

Errno radix_tree_insert_node(radix_tree* tree, u64 index, void* item) {
    KASSERT(item != nullptr);
    if (tree_grow(tree, index) != EOK) {
        return ENOMEM;
    }
    radix_tree_node* node = tree->t_root;
    for (unsigned h = tree->t_height; h > 1; --h) {
        void*& slot = node->n_slot[slot_of(index, h)];
        if (slot == nullptr) {
            slot = node_alloc();
            if (slot == nullptr) {
                return ENOMEM; // empty nodes may stay; they go with the next removal
            }
            ++node->n_used;
        }
        node = static_cast<radix_tree_node*>(slot);
    }
    void*& slot = node->n_slot[slot_of(index, 1)];
    KASSERT(slot == nullptr);
    slot = item;
    ++node->n_used;
    return EOK;
}

void* radix_tree_lookup_node(const radix_tree* tree, u64 index) {
    if (!covered(index, tree->t_height)) {
        return nullptr;
    }
    void* node = tree->t_root;
    for (unsigned h = tree->t_height; h > 0 && node != nullptr; --h) {
        node = static_cast<radix_tree_node*>(node)->n_slot[slot_of(index, h)];
    }
    return node;
}

// Removes below `node`; the caller drops the node if it is empty afterwards.
static void* node_remove(radix_tree_node* node, unsigned height, u64 index) {
    void*& slot = node->n_slot[slot_of(index, height)];
    if (slot == nullptr) {
        return nullptr;
    }
    if (height == 1) {
        void* item = slot;
        slot = nullptr;
        --node->n_used;
        return item;
    }
    auto* child = static_cast<radix_tree_node*>(slot);
    void* item = node_remove(child, height - 1, index);
    if (child->n_used == 0) {
        pool_cache_put(&node_cache, child);
        slot = nullptr;
        --node->n_used;
    }
    return item;
}

void* radix_tree_remove_node(radix_tree* tree, u64 index) {
    if (tree->t_height == 0 || !covered(index, tree->t_height)) {
        return nullptr;
    }
    void* item = node_remove(tree->t_root, tree->t_height, index);
    if (tree->t_root->n_used == 0) {
        pool_cache_put(&node_cache, tree->t_root);
        tree->t_root = nullptr;
        tree->t_height = 0;
    }
    return item;
}

// => with no item left, *index is the first that the node does not cover
static void* node_next(radix_tree_node* node, unsigned height, u64* index) {
    const unsigned shift = kBits * (height - 1);
    for (unsigned s = slot_of(*index, height); s < kSlots; ++s) {
        void* below = node->n_slot[s];
        if (below != nullptr && height == 1) {
            return below;
        }
        if (below == nullptr) {
            *index = ((*index >> shift) + 1) << shift;
            continue;
        }
        void* item = node_next(static_cast<radix_tree_node*>(below), height - 1, index);
        if (item != nullptr) {
            return item;
        }
    }
    return nullptr;
}

void* radix_tree_next(const radix_tree* tree, u64* index) {
    if (tree->t_height == 0 || !covered(*index, tree->t_height)) {
        return nullptr;
    }
    return node_next(tree->t_root, tree->t_height, index);
}
