# The guest: kernel, C library glue, programs and initrd, built for AArch64 by a
# sub-build of guestos/ in build/guest. Its products:
#   build/guest/guestos.img, guestos.elf, initrd.cpio   and   build/guest-cc
include(ExternalProject)

set(FORKSCOPE_GUEST_DIR ${CMAKE_BINARY_DIR}/guest)
set(FORKSCOPE_GUEST_CC ${CMAKE_BINARY_DIR}/guest-cc)

ExternalProject_Add(guest
  SOURCE_DIR ${CMAKE_SOURCE_DIR}/guestos
  BINARY_DIR ${FORKSCOPE_GUEST_DIR}
  PREFIX ${CMAKE_BINARY_DIR}/guest-stamps
  CMAKE_GENERATOR ${CMAKE_GENERATOR}
  CMAKE_ARGS
    -DCMAKE_TOOLCHAIN_FILE=${CMAKE_SOURCE_DIR}/cmake/aarch64-guest.cmake
    -DCMAKE_BUILD_TYPE=${CMAKE_BUILD_TYPE}
    -DFORKSCOPE_GUEST_CC=${FORKSCOPE_GUEST_CC}
  BUILD_ALWAYS ON
  BUILD_BYPRODUCTS
    ${FORKSCOPE_GUEST_DIR}/guestos.img ${FORKSCOPE_GUEST_DIR}/guestos.elf
    ${FORKSCOPE_GUEST_DIR}/initrd.cpio ${FORKSCOPE_GUEST_CC}
  INSTALL_COMMAND "")
