/* Formats: floats, wide and multibyte characters, scanning, times, sorting. */
#include <sys/types.h>
#include <sys/endian.h>
#include <sys/queue.h>
#include <sys/tree.h>

#include <err.h>
#include <errno.h>
#include <float.h>
#include <inttypes.h>
#include <limits.h>
#include <locale.h>
#include <math.h>
#include <regex.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wchar.h>
#include <wctype.h>

struct word {
	TAILQ_ENTRY(word)	link;
	RB_ENTRY(word)		node;
	char			text[16];
};
static TAILQ_HEAD(, word) words = TAILQ_HEAD_INITIALIZER(words);

static int
compare(struct word *a, struct word *b)
{
	return strcmp(a->text, b->text);
}
static RB_HEAD(tree, word) root = RB_INITIALIZER(&root);
RB_GENERATE_STATIC(tree, word, node, compare)

static void
numbers(void)
{
	double third = 1.0 / 3;
	char *end;
	int a;
	float f;
	char word[8];

	printf("[%8.3f] [%-10.2e] [%g] [%G] [%+.0f] [%08.2f]\n", third, 12345.678, 1e-10, 1e20, 2.5,
	    -third);
	printf("[%f] [%F] [%f] [%.3Lf]\n", INFINITY, -INFINITY, NAN, (long double)1.25L);
	printf("[%.16g] [%.15g] [%a]\n", 0.1, DBL_MAX, 0.15625);
	printf("[%*d] [%-*d] [%05d] [%+d] [%#x] [%#o] [%" PRIu64 "] [%zu] [%jd] [%hhd]\n", 6, 42, 6,
	    42, 42, 42, 255, 8, UINT64_MAX, sizeof(long), INTMAX_MIN, 300);
	printf("%lld %td %c%c %% %5.2s|\n", LLONG_MIN, (ptrdiff_t)-3, 'o', 'k', "abcdef");
	if (sscanf("17 2.5 hello", "%d %f %7s", &a, &f, word) == 3)
		printf("scanned %d %g %s\n", a, (double)f, word);
	printf("%g %g %ld\n", strtod("0x1p-2", NULL), strtod("1e400", NULL), strtol("077z", &end, 0));
	printf("rest '%s', %s\n", end, strtoll("99999999999999999999", NULL, 10) == LLONG_MAX &&
	    errno == ERANGE ? "out of range" : "?");
}

static void
wide(void)
{
	wchar_t text[32];
	char bytes[64];
	size_t n;

	printf("[%ls] [%lc] [%5ls] [%.2ls]\n", L"wide", (wint_t)L'w', L"abc", L"abcdef");
	n = mbstowcs(text, "plain", 32);
	printf("%zu characters, %zu long, %d, %lc\n", n, wcslen(text), wcscmp(text, L"plain"),
	    towupper((wint_t)text[0]));
	wcscat(text, L" text");
	n = wcstombs(bytes, text, sizeof(bytes));
	printf("%zu bytes: %s, %ld\n", n, bytes, wcstol(L"-12", NULL, 10));
	printf("locale %s\n", setlocale(LC_ALL, "C"));
}

static void
dates(void)
{
	time_t t = 1000000000;
	struct tm *tm = gmtime(&t);
	char buf[64];

	strftime(buf, sizeof(buf), "%Y-%m-%d %H:%M:%S %a %j", tm);
	printf("%s %d\n", buf, timegm(tm) == t);
}

static void
structures(void)
{
	static const char *const names[] = { "pear", "apple", "fig", "plum" };
	struct word *w, *next;
	unsigned char bytes[4];
	regmatch_t match[2];
	regex_t re;

	for (size_t i = 0; i < __arraycount(names); i++) {
		if ((w = malloc(sizeof(*w))) == NULL)
			err(1, NULL);
		strlcpy(w->text, names[i], sizeof(w->text));
		TAILQ_INSERT_TAIL(&words, w, link);
		RB_INSERT(tree, &root, w);
	}
	TAILQ_FOREACH(w, &words, link)
		printf("%s ", w->text);
	printf("/");
	RB_FOREACH(w, tree, &root)
		printf(" %s", w->text);
	for (w = TAILQ_FIRST(&words); w != NULL; w = next) {
		next = TAILQ_NEXT(w, link);
		free(w);
	}
	be32enc(bytes, 0x01020304);
	printf("\n%d%d%d%d %#x %#x\n", bytes[0], bytes[1], bytes[2], bytes[3], le32dec(bytes),
	    bswap16(0x1234));
	if (regcomp(&re, "([a-z]+)[0-9]", REG_EXTENDED) == 0 && regexec(&re, "12 abc3", 2, match, 0) == 0)
		printf("regex: %d to %d\n", (int)match[1].rm_so, (int)match[1].rm_eo);
	regfree(&re);
	printf("%s %s\n", strcasestr("Hello World", "world"), strerror(ENOTDIR));
}

static void
checked(const char *text)
{
	const char *why;
	long long n = strtonum(text, -10, 100, &why);

	printf("strtonum %s: %lld %s\n", text, n, why ? why : "good");
}

int
main(void)
{
	int *array = NULL;

	numbers();
	wide();
	dates();
	structures();
	checked("42");
	checked("-11");
	checked("101");
	checked("4 2");
	printf("reallocarr: %d", reallocarr(&array, 10, sizeof(*array)));
	array[9] = 1;
	printf(" %s\n", reallocarr(&array, SIZE_MAX / 2, 4) == EOVERFLOW ? "overflow" : "?");
	reallocarr(&array, 0, 4);
	return array != NULL;
}
