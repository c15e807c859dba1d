# cmake -DINPUT=F -DOUTPUT=G -P bytes.cmake: writes F's bytes as C literals to G.
file(READ ${INPUT} digits HEX)
string(REGEX REPLACE "(..)" "0x\\1, " bytes "${digits}")
file(WRITE ${OUTPUT} "${bytes}\n")
