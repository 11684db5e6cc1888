/* waterwheel: pass lines on at a steady rate. */
#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static long number(const char *text)
{
    char *end;
    long value = strtol(text, &end, 10);

    return *text && !*end && value >= 0 ? value : -1;
}

static long configured(const char *path, const char *name, long otherwise)
{
    char setting[64], text[64], line[256];
    FILE *file = fopen(path, "r");

    if (file == NULL)
        return otherwise;
    while (fgets(line, sizeof line, file) != NULL) {
        if (sscanf(line, " %63[a-z] = %63s", setting, text) != 2 || strcmp(setting, name) != 0)
            continue;
        if (number(text) >= 0)
            otherwise = number(text);
        else
            fprintf(stderr, "waterwheel: %s: %s is not a number: %s\n", path, name, text);
    }
    fclose(file);
    return otherwise;
}

static void wait_for_next(long rate)
{
    struct timespec pause = {0, 0};

    if (rate == 0)
        return;
    pause.tv_sec = rate == 1;
    pause.tv_nsec = rate == 1 ? 0 : 1000000000L / rate;
    nanosleep(&pause, NULL);
}

static int turn(long rate)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t length;

    while ((length = getline(&line, &room, stdin)) > 0) {
        if (line[length - 1] != '\n')
            break;
        fwrite(line, 1, (size_t)length, stdout);
        fflush(stdout);
        wait_for_next(rate);
    }
    free(line);
    return ferror(stdin) || ferror(stdout);
}

int main(int argc, char **argv)
{
    const char *config = CONFIG, *asked = NULL;
    long rate;
    int option;

    while ((option = getopt(argc, argv, "c:r:V")) != -1) {
        switch (option) {
        case 'c':
            config = optarg;
            break;
        case 'r':
            asked = optarg;
            break;
        case 'V':
            puts("waterwheel " VERSION);
            return 0;
        default:
            return 2;
        }
    }
    rate = asked ? number(asked) : configured(config, "rate", 0);
    if (rate < 0) {
        fputs("waterwheel: the rate is a whole number of lines a second\n", stderr);
        return 2;
    }
    return turn(rate);
}
