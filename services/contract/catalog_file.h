// Reads a catalog file: protobuf text format in, a catalog ready for use out. A network edits its catalog by
// hand, so every mistake in it is told with its line, and all of them at once.
#ifndef RAPPORT_SERVICES_CONTRACT_CATALOG_FILE_H_
#define RAPPORT_SERVICES_CONTRACT_CATALOG_FILE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "matcher/domain/catalog.h"
#include "rapport/catalog/v1/catalog.pb.h"

namespace rapport::contract {

// One catalog in its two forms.
struct LoadedCatalog {
  std::shared_ptr<const matcher::Catalog> catalog;  // never null
  rapport::catalog::v1::Catalog message;            // as read, with every missing setting filled in
};

// The catalog in the file at `path`; an empty path is the built-in default, which needs no file.
// NOT_FOUND: there is no such file. UNAVAILABLE: it cannot be read. INVALID_ARGUMENT: it is no valid catalog;
// the message has one line for each mistake, "file:line:column: what is wrong".
absl::StatusOr<LoadedCatalog> LoadCatalog(absl::string_view path);

// The same for text already in memory; `file_name` is what errors name. INVALID_ARGUMENT as above.
absl::StatusOr<LoadedCatalog> ParseCatalog(absl::string_view text, absl::string_view file_name);

// A catalog as text that ParseCatalog takes.
std::string CatalogText(const rapport::catalog::v1::Catalog& catalog);

// Text of the built-in catalog: a starting point for a network's own.
absl::string_view DefaultCatalogText();

}  // namespace rapport::contract

#endif  // RAPPORT_SERVICES_CONTRACT_CATALOG_FILE_H_
