// Pipes. kern/sys_pipe.cpp
#pragma once

void pipe_init();
