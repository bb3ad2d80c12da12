// See queries.h.
#include "services/intake/queries.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/contract/convert.h"
#include "services/contract/limits.h"
#include "services/intake/referral_store.h"
#include "services/intake/request_rules.h"
#include "services/runtime/errors.h"

namespace rapport::intake {
namespace {

// Everything that makes it this list and no other. Ids hold no blanks.
std::string QueryText(const ListFilter& filter) {
  return absl::StrCat("ListReferrals ", filter.network, " ", filter.client_id, " ",
                      static_cast<int>(filter.state));
}

std::string ToText(const v1::Referral& last) {
  return absl::StrCat(absl::ToUnixMicros(contract::ToTime(last.created_at())), "/", last.referral_id());
}

absl::StatusOr<ListPosition> ToPosition(const std::string& text) {
  const std::pair<std::string, std::string> parts = absl::StrSplit(text, absl::MaxSplits('/', 1));
  ListPosition position{.referral_id = parts.second};
  if (absl::SimpleAtoi(parts.first, &position.created_at_us)) return position;
  return absl::InternalError("a page token of ours holds no position");
}

}  // namespace

absl::StatusOr<v1::Referral> Queries::GetReferral(const runtime::Call& call,
                                                  const v1::GetReferralRequest& request) {
  if (absl::Status valid = CheckRequest(request); !valid.ok()) return valid;
  return Read(call, request.referral_id());
}

absl::StatusOr<v1::ListReferralsResponse> Queries::ListReferrals(const runtime::Call& call,
                                                                 const v1::ListReferralsRequest& request) {
  if (absl::Status valid = CheckRequest(request); !valid.ok()) return valid;
  const ListFilter filter{call.identity.network, request.client_id(), request.state()};
  ListPosition position;
  if (!request.page_token().empty()) {
    absl::StatusOr<std::string> text = tokens_.Decode(request.page_token(), QueryText(filter));
    if (!text.ok()) return text.status();
    absl::StatusOr<ListPosition> after = ToPosition(*text);
    if (!after.ok()) return after.status();
    position = *std::move(after);
  }
  const int limit = request.page_size() == 0 ? contract::kDefaultPageSize : request.page_size();
  absl::StatusOr<ListPage> page = List(db_, filter, position, limit);
  if (!page.ok()) return page.status();

  v1::ListReferralsResponse response;
  if (page->more)
    response.set_next_page_token(tokens_.Encode(ToText(page->referrals.back()), QueryText(filter)));
  for (v1::Referral& referral : page->referrals) *response.add_referrals() = std::move(referral);
  return response;
}

absl::Status Queries::WatchReferral(const runtime::Call& call, const v1::WatchReferralRequest& request,
                                    Hub::Writer writer) {
  if (absl::Status valid = CheckRequest(request); !valid.ok()) return valid;
  return hub_.Subscribe(call.identity.network, request.referral_id(), request.after_revision(),
                        std::move(writer), [&] { return Read(call, request.referral_id()); });
}

absl::StatusOr<v1::Referral> Queries::Read(const runtime::Call& call, const std::string& referral_id) const {
  v1::Referral referral;
  absl::Status done = db_.Read([&](storage::Transaction& tx) {
    absl::StatusOr<Record> record = Load(tx, call.identity.network, referral_id);
    if (record.ok()) referral = std::move(record->referral);
    return record.status();
  });
  if (!done.ok()) return done;
  return referral;
}

}  // namespace rapport::intake
