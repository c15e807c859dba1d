# Quoting, variables, splitting, file names.
echo plain 'single $x "y"' "double \$x \"y\"" back\ slash
a=one
b="two  words"
echo $a $b "$b" '$b' ${a}s "${b}s"
echo "[${unset_name}]" "[${unset_name:-default}]" "[${a:+other}]" "[${#b}]"
echo ${made:=value} $made
empty=
echo "[${empty:-used}]" "[${empty-kept}]"
set -- first 'second one' third
echo $# "$1" "$2" "$3" "[$4]"
for i in "$@"; do echo "<$i>"; done
for i in $*; do echo "($i)"; done
shift
echo $# $1
echo 'a'"b"c'd'
echo \$a \\ \# not#comment # comment
echo "line \
joined"
echo split\
ted
x='a b   c'; echo $x; echo "$x"
y=$(echo from; echo sub); echo $y; echo "$y"
echo "nested $(echo "inner $(echo deep)")"
echo $(echo "quoted )" ')' )
mkdir d; cd d
echo 1 > one.c; echo 2 > two.c; echo 3 > three.h
echo *.c; echo "*.c" \*.c; echo *.none; echo [a-s]*
echo ../d/*.h
cd ..
z='*.c'; cd d; echo $z "$z"; cd ..
n=5; echo $((n * n - 1)) $((n > 3 && n < 10)) $((!n)) $((-n % 3)) $((10 / 3)) $(( (n+1) * 2 ))
echo "$((n+1))$((n+2))"
while [ $n -gt 0 ]; do n=$((n - 1)); done; echo $n
HOME=/nowhere; echo ~ ~/x "~" a~
echo "a'b" 'a"b'
echo ""  "" | cat
