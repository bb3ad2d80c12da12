# Writes the default catalog into a C++ source, so that a binary needs no file beside it.
# cmake -DINPUT=default.textproto -DOUTPUT=default_catalog.cc -P embed_catalog.cmake
file(READ ${INPUT} text)
file(WRITE ${OUTPUT} "// Generated from ${INPUT}; change that file.
#include \"services/contract/catalog_file.h\"

namespace rapport::contract {

absl::string_view DefaultCatalogText() {
  static constexpr char kText[] = R\"textproto(${text})textproto\";
  return absl::string_view(kText, sizeof(kText) - 1);
}

}  // namespace rapport::contract
")
