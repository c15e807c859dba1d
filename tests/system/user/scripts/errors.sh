# Errors of syntax and of commands; scripts and standard input as source.
sh -c 'echo a; if true; echo b' 2>/dev/null; echo $?
sh -c 'echo )' 2>/dev/null; echo $?
sh -c 'echo "open' 2>/dev/null; echo $?
sh -c 'a | | b' 2>/dev/null; echo $?
sh -c 'echo $((1/0)); echo not' 2>/dev/null; echo $?
sh -c 'for 1 in a; do :; done' 2>/dev/null; echo $?
sh no-such-file 2>/dev/null; echo $?
echo 'echo from file $1 $#' > script; sh script x y; . ./script
sh -c 'echo $0 $1' name arg
echo 'echo stdin; cat' > in; (cat in; echo rest) | sh
