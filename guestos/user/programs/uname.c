// uname [-amnrsv]
#include <err.h>
#include <stdio.h>
#include <sys/utsname.h>
#include <unistd.h>

int main(int argc, char **argv) {
    int wanted[5] = {0}, any = 0;
    static const char letters[] = "snrvm";
    for (int option; (option = getopt(argc, argv, "amnrsv")) != -1;) {
        if (option == '?') {
            fputs("usage: uname [-amnrsv]\n", stderr);
            return 2;
        }
        for (int i = 0; i < 5; i++)
            wanted[i] |= option == 'a' || option == letters[i];
        any = 1;
    }
    if (!any)
        wanted[0] = 1;
    struct utsname name;
    if (uname(&name) == -1)
        err(1, "uname");
    const char *const parts[5] = {name.sysname, name.nodename, name.release, name.version,
                                  name.machine};
    const char *separator = "";
    for (int i = 0; i < 5; i++)
        if (wanted[i]) {
            printf("%s%s", separator, parts[i]);
            separator = " ";
        }
    putchar('\n');
    return 0;
}
