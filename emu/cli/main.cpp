#include "cli/cli.hpp"

int main(int argc, char** argv) {
    return forkscope::cli_main(argc, argv);
}
