// Paging.
#include "services/cli/commands/therapist_pages.h"

namespace rapport::cli {
namespace {

constexpr int kPageSize = 200;  // profiles of some kilobytes each, well below gRPC's 4 MiB

}  // namespace

absl::Status ForEachTherapist(const Services& services,
                              absl::FunctionRef<void(const therapist::v1::Therapist&)> visit) {
  directory::v1::ListTherapistsRequest request;
  request.set_page_size(kPageSize);
  do {
    const auto page = services.Call(&DirectoryStub::ListTherapists, request);
    if (!page.ok()) return page.status();
    for (const auto& profile : page->therapists()) visit(profile);
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

}  // namespace rapport::cli
