#include <err.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
    char path[1024];
    if (!getcwd(path, sizeof(path)))
        err(1, "getcwd");
    puts(path);
    return 0;
}
