// Machine-dependent sizes of the fake machine: those of AArch64.
#pragma once

#include "arch/aarch64/machine/param.hpp"
