#include "timing/branch_predictor.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace forkscope;
using namespace forkscope::timing;

TEST_CASE("branch predictor: a loop branch is learnt", "[timing][branch]") {
    BranchPredictor predictor({.history_bits = 0});
    for (int i = 0; i < 100; ++i)
        predictor.resolve(BranchKind::Conditional, 0x1000, 0x1004, 0x0f00, 0x0f00);
    CHECK(predictor.state().executed == 100);
    CHECK(predictor.state().mispredicted == 1);
}

TEST_CASE("branch predictor: history tells an alternating branch", "[timing][branch]") {
    BranchPredictor predictor({.history_bits = 8});
    for (int i = 0; i < 1000; ++i)
        predictor.resolve(BranchKind::Conditional, 0x1000, 0x1004, 0x0f00,
                          i % 2 == 0 ? 0x0f00 : 0x1004);
    CHECK(predictor.state().mispredicted < 40);
}

TEST_CASE("branch predictor: a return goes where its call came from", "[timing][branch]") {
    BranchPredictor predictor({});
    predictor.resolve(BranchKind::DirectCall, 0x1000, 0x1004, 0x2000, 0x2000);
    predictor.resolve(BranchKind::DirectCall, 0x2000, 0x2004, 0x3000, 0x3000);
    CHECK(predictor.resolve(BranchKind::Return, 0x3000, 0x3004, 0, 0x2004));
    CHECK(predictor.resolve(BranchKind::Return, 0x2008, 0x200c, 0, 0x1004));
    CHECK_FALSE(predictor.resolve(BranchKind::Return, 0x1008, 0x100c, 0, 0x1004));
}

TEST_CASE("branch predictor: an indirect branch is predicted to go where it went",
          "[timing][branch]") {
    BranchPredictor predictor({});
    CHECK_FALSE(predictor.resolve(BranchKind::Indirect, 0x1000, 0x1004, 0, 0x5000));
    CHECK(predictor.resolve(BranchKind::Indirect, 0x1000, 0x1004, 0, 0x5000));
    CHECK_FALSE(predictor.resolve(BranchKind::Indirect, 0x1000, 0x1004, 0, 0x6000));
}
