// Reading the device tree that the boot loader passed. Devicetree
// Specification 0.4, chapter 5 (flattened format).
#pragma once

#include "sys/types.hpp"

// Offset of a node in the structure block; negative: none.
using fdt_node = int;

// Takes the tree at `data`; false if that is not a device tree.
bool fdt_init(const void* data);
size_t fdt_totalsize();

// The root's nodes and theirs, in order. `depth` counts from 0 for the root.
fdt_node fdt_next_node(fdt_node node, int* depth);
fdt_node fdt_find_compatible(const char* compatible);
fdt_node fdt_find_path(const char* name); // child of the root, by name
const char* fdt_node_name(fdt_node node);

// The value of a property, nullptr if the node has none.
const void* fdt_getprop(fdt_node node, const char* name, size_t* len);
const char* fdt_getprop_string(fdt_node node, const char* name); // nullptr if none
// A number of one or two cells.
bool fdt_getprop_number(fdt_node node, const char* name, u64* value);
// Entry `index` of `reg`, with the root's cell counts.
bool fdt_get_reg(fdt_node node, unsigned index, paddr_t* address, psize_t* size);
// Entry `index` of `interrupts`, GIC binding of three cells, as an INTID.
bool fdt_get_interrupt(fdt_node node, unsigned index, unsigned* intid);
