# Freestanding AArch64 images that run on forkscope and on QEMU's virt machine
# and whose output is compared, line by line.
find_program(FORKSCOPE_GUEST_GXX aarch64-linux-gnu-g++ REQUIRED)
mark_as_advanced(FORKSCOPE_GUEST_GXX)

set(FORKSCOPE_BARE_DIR ${CMAKE_CURRENT_LIST_DIR})
set(FORKSCOPE_BARE_FLAGS
  -std=c++20 -O1 -g -ffreestanding -fno-exceptions -fno-rtti -fno-pic -fno-stack-protector
  -fno-asynchronous-unwind-tables -mgeneral-regs-only -mstrict-align -Wall -Wextra -Wshadow
  -nostdlib -static -Wl,--build-id=none -Wl,-z,max-page-size=4096 -Wl,--no-warn-rwx-segments)

# forkscope_bare_oracle(NAME INPUT SOURCES...): builds NAME.elf from SOURCES and
# what the images share, and adds the test system.NAME. INPUT, a line, is sent
# to the UART once the image has printed "UART: input"; "" for none.
function(forkscope_bare_oracle name input)
  set(image ${CMAKE_CURRENT_BINARY_DIR}/${name}.elf)
  set(shared ${FORKSCOPE_BARE_DIR}/start.S ${FORKSCOPE_BARE_DIR}/bare.cpp)
  set(script ${FORKSCOPE_BARE_DIR}/bare.lds)
  list(TRANSFORM ARGN PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/)
  file(GLOB headers CONFIGURE_DEPENDS
       ${FORKSCOPE_BARE_DIR}/*.hpp ${CMAKE_CURRENT_SOURCE_DIR}/*.hpp)
  add_custom_command(
    OUTPUT ${image}
    COMMAND ${FORKSCOPE_GUEST_GXX} ${FORKSCOPE_BARE_FLAGS} -I${FORKSCOPE_BARE_DIR}
            -T ${script} ${shared} ${ARGN} -o ${image}
    DEPENDS ${shared} ${script} ${headers} ${ARGN}
    COMMENT "Building ${name}.elf"
    VERBATIM)
  add_custom_target(${name} ALL DEPENDS ${image})
  if(TARGET forkscope)
    add_test(NAME system.${name}
             COMMAND bash ${FORKSCOPE_BARE_DIR}/compare.sh $<TARGET_FILE:forkscope> ${image} "${input}")
    set_tests_properties(system.${name} PROPERTIES
      LABELS system TIMEOUT 120 SKIP_RETURN_CODE 77)
  endif()
endfunction()
