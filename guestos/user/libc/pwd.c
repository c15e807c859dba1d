// getpwent(3): the users, from /etc/passwd.
#include "libc.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static FILE *users;

void setpwent(void) {
    endpwent();
    users = fopen(_PATH_PASSWD, "re");
}

void endpwent(void) {
    if (users)
        fclose(users);
    users = NULL;
}

// name:password:uid:gid:comment:directory:shell. The fields point into the line.
static int parse(char *line, struct passwd *user) {
    char *field[7];
    line[strcspn(line, "\n")] = '\0';
    for (int i = 0; i < 7; i++)
        if (!(field[i] = strsep(&line, ":")))
            return 0;
    *user = (struct passwd){.pw_name = field[0],
                            .pw_passwd = field[1],
                            .pw_uid = (uid_t)strtoul(field[2], NULL, 10),
                            .pw_gid = (gid_t)strtoul(field[3], NULL, 10),
                            .pw_comment = "",
                            .pw_gecos = field[4],
                            .pw_dir = field[5],
                            .pw_shell = field[6]};
    return 1;
}

struct passwd *getpwent(void) {
    static struct passwd user;
    static char line[256];
    if (!users)
        setpwent();
    while (users && fgets(line, sizeof(line), users))
        if (parse(line, &user))
            return &user;
    return NULL;
}

// With a name the user of that name, else the one of that number.
static struct passwd *find(const char *name, uid_t uid) {
    struct passwd *user;
    setpwent();
    while ((user = getpwent()) && (name ? strcmp(user->pw_name, name) != 0 : user->pw_uid != uid))
        continue;
    endpwent();
    return user;
}

struct passwd *getpwnam(const char *name) {
    return find(name, 0);
}

struct passwd *getpwuid(uid_t uid) {
    return find(NULL, uid);
}
