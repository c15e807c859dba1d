# Everything the host build uses that is not in this tree, as imported targets.
#
# What the machine's Debian release has too old is unpacked by cmake/setup.sh
# into .deps/root; that place is looked at first, then the system. Libraries in
# .deps/root get their directory into the RPATH of what links them, so programs
# run from the build tree.
include_guard(GLOBAL)

set(FORKSCOPE_DEPS ${CMAKE_SOURCE_DIR}/.deps/root/usr)
list(PREPEND CMAKE_PREFIX_PATH ${FORKSCOPE_DEPS})

# forkscope_library(NAME HEADER LIBRARY): imports LIBRARY, whose HEADER is found
# beside it, as forkscope::NAME. Sets FORKSCOPE_<NAME>_INCLUDE.
function(forkscope_library name header library)
  find_path(FORKSCOPE_${name}_INCLUDE ${header}
            HINTS ${FORKSCOPE_DEPS}/include REQUIRED)
  find_library(FORKSCOPE_${name}_LIBRARY ${library}
               HINTS ${FORKSCOPE_DEPS}/lib/${CMAKE_LIBRARY_ARCHITECTURE} REQUIRED)
  mark_as_advanced(FORKSCOPE_${name}_INCLUDE FORKSCOPE_${name}_LIBRARY)
  add_library(forkscope::${name} UNKNOWN IMPORTED GLOBAL)
  set_target_properties(forkscope::${name} PROPERTIES
    IMPORTED_LOCATION ${FORKSCOPE_${name}_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${FORKSCOPE_${name}_INCLUDE})
endfunction()

# forkscope_require_version(WHAT HEADER PATTERN LEAST): stops unless the numbers
# that PATTERN's group matches in HEADER, joined by dots, are at least LEAST.
function(forkscope_require_version what header pattern least)
  file(STRINGS ${header} lines REGEX ${pattern})
  set(version "")
  foreach(line IN LISTS lines)
    string(REGEX MATCH ${pattern} _ "${line}")
    list(APPEND version ${CMAKE_MATCH_1})
  endforeach()
  list(JOIN version "." version)
  if(version VERSION_LESS least)
    message(FATAL_ERROR "${what} ${version} in ${header}: at least ${least} is needed; ./run.sh fetches it")
  endif()
  message(STATUS "${what} ${version} (${header})")
endfunction()

# The archive, not the shared library: what translated code calls is nearer, and
# there is less to relocate at the start (docs/benchmarks.md).
forkscope_library(unicorn unicorn/unicorn.h libunicorn.a)
forkscope_require_version(Unicorn ${FORKSCOPE_unicorn_INCLUDE}/unicorn/unicorn.h
                          "^#define UC_API_[A-Z]+ +([0-9]+)" 2.1.1)
# Ours in the place of its helpers for loads and stores: emu/engine/access_window.hpp.
foreach(helper ret_ldub le_lduw le_ldul le_ldq ret_stb le_stw le_stl le_stq)
  set_property(TARGET forkscope::unicorn APPEND PROPERTY
               INTERFACE_LINK_OPTIONS LINKER:--wrap=helper_${helper}_mmu_aarch64)
endforeach()
# And of its mapping of the code buffer (emu/engine/code_buffer.cpp) and its search for
# stores to code (emu/engine/written_code.cpp), which nothing else would draw out of
# their library.
foreach(function mmap64 tlb_reset_dirty_by_vaddr_aarch64)
  set_property(TARGET forkscope::unicorn APPEND PROPERTY
               INTERFACE_LINK_OPTIONS LINKER:--wrap=${function} LINKER:-u,__wrap_${function})
endforeach()

forkscope_library(capstone capstone/capstone.h capstone)
forkscope_require_version(Capstone ${FORKSCOPE_capstone_INCLUDE}/capstone/capstone.h
                          "^#define CS_API_[A-Z]+ +([0-9]+)" 5.0)

forkscope_library(fdt libfdt.h fdt)

# Dear ImGui's archive holds its SDL2 backends; Debian's build draws fonts with stb.
forkscope_library(imgui imgui/imgui.h libimgui.a)
forkscope_require_version("Dear ImGui" ${FORKSCOPE_imgui_INCLUDE}/imgui/imgui.h
                          "^#define IMGUI_VERSION +.([0-9.]+)" 1.89.6)
forkscope_library(stb stb/stb_truetype.h stb)
find_package(SDL2 2.26 REQUIRED)
find_package(PNG REQUIRED)
target_include_directories(forkscope::imgui INTERFACE ${FORKSCOPE_imgui_INCLUDE}/imgui)
target_link_libraries(forkscope::imgui INTERFACE forkscope::stb SDL2::SDL2)

find_package(Threads REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(CLI11 2.1 REQUIRED)
find_package(Catch2 3 REQUIRED)
