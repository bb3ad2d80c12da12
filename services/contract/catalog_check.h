// The rules that a catalog file must keep, each mistake with the place in the file where it stands.
#ifndef RAPPORT_SERVICES_CONTRACT_CATALOG_CHECK_H_
#define RAPPORT_SERVICES_CONTRACT_CATALOG_CHECK_H_

#include <string>
#include <vector>

#include "rapport/catalog/v1/catalog.pb.h"
#include "services/contract/catalog_place.h"

namespace rapport::contract {

// A mistake and its place; lines and columns from 0, as the parser counts.
struct CatalogMistake {
  int line = 0;
  int column = 0;
  std::string description;
};

// Every mistake in `message`, in the order of the file. `file` is its place. A
// missing field is told at the block that misses it. REQUIRES: settings left out have their defaults already.
std::vector<CatalogMistake> CheckCatalog(const rapport::catalog::v1::Catalog& message,
                                         const CatalogPlace& file);

}  // namespace rapport::contract

#endif  // RAPPORT_SERVICES_CONTRACT_CATALOG_CHECK_H_
