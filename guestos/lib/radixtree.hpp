// A map from 64-bit indices to pointers, for dense small indices: a tree of
// nodes with 64 slots, as high as the largest index needs.
#pragma once

#include "sys/types.hpp"

struct radix_tree_node;

struct radix_tree {
    radix_tree_node* t_root = nullptr;
    unsigned t_height = 0; // 0: empty
};

// => the owner's lock guards the tree; insertion allocates without sleeping
void radix_tree_init();
// ENOMEM if there is no memory for a node. => the index is not in the tree
Errno radix_tree_insert_node(radix_tree* tree, u64 index, void* item);
void* radix_tree_lookup_node(const radix_tree* tree, u64 index);
// Takes out and returns what was at the index, or nullptr.
void* radix_tree_remove_node(radix_tree* tree, u64 index);
// The first item at or after *index, which is set to its place; nullptr: none.
void* radix_tree_next(const radix_tree* tree, u64* index);
