// Memory of the fake machine.
#pragma once

#include "sys/types.hpp"

namespace host {

void physmem_start(unsigned frames); // and uvm_init
void physmem_stop();
void tlb_reset();

} // namespace host
