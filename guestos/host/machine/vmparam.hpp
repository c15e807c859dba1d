// What the fake pmap keeps in every vm_page: as much as the real one.
#pragma once

#include "arch/aarch64/machine/vmparam.hpp"
