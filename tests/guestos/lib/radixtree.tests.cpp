#include "host/host.hpp"

#include "lib/radixtree.hpp"

#include <catch2/catch_test_macros.hpp>

#include <map>

TEST_CASE("radix tree: agrees with std::map under random insertion and removal", "[guestos][lib]") {
    host::Kernel kernel;
    radix_tree tree;
    std::map<u64, void*> model;
    u64 random = 99;
    const auto next = [&random] {
        random = random * 6364136223846793005U + 1442695040888963407U;
        return random >> 33;
    };
    for (int step = 0; step < 5000; ++step) {
        const u64 index = next() % 3 == 0 ? next() % 0x10000000 : next() % 300;
        void* item = &model[index];
        if (model[index] == nullptr) {
            model[index] = item;
            REQUIRE(radix_tree_insert_node(&tree, index, item) == EOK);
        } else {
            REQUIRE(radix_tree_remove_node(&tree, index) == item);
            model.erase(index);
        }
    }
    u64 index = 0;
    for (const auto& [key, item] : model) {
        REQUIRE(radix_tree_next(&tree, &index) == item);
        REQUIRE(index == key);
        REQUIRE(radix_tree_lookup_node(&tree, key) == item);
        ++index;
    }
    CHECK(radix_tree_next(&tree, &index) == nullptr);
    for (const auto& [key, item] : model) {
        radix_tree_remove_node(&tree, key);
    }
    CHECK(tree.t_root == nullptr);
    CHECK(radix_tree_lookup_node(&tree, 5) == nullptr);
}
