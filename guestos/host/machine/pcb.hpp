// Nothing is kept of a thread that does not run.
#pragma once

struct pcb {};
