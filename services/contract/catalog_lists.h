// From the catalog's message to the library's lists: no rule here, only the other form.
#ifndef RAPPORT_SERVICES_CONTRACT_CATALOG_LISTS_H_
#define RAPPORT_SERVICES_CONTRACT_CATALOG_LISTS_H_

#include "matcher/domain/catalog.h"
#include "rapport/catalog/v1/catalog.pb.h"

namespace rapport::contract {

// REQUIRES: `message` has no mistake (catalog_check.h), and all its settings.
matcher::CatalogLists ToLists(const rapport::catalog::v1::Catalog& message);

}  // namespace rapport::contract

#endif  // RAPPORT_SERVICES_CONTRACT_CATALOG_LISTS_H_
