// The reads of intake as business functions: one referral, a page of them, a referral as it changes.
#ifndef RAPPORT_SERVICES_INTAKE_QUERIES_H_
#define RAPPORT_SERVICES_INTAKE_QUERIES_H_

#include "absl/status/statusor.h"
#include "rapport/intake/v1/intake.pb.h"
#include "services/intake/hub.h"
#include "services/runtime/call.h"
#include "services/runtime/page_token.h"
#include "services/storage/database.h"

namespace rapport::intake {

// Thread-safe. Errors: those that the contract states for the RPC of the same name, and those of the
// database.
class Queries {
 public:
  // Borrowed; each must outlive this.
  Queries(const storage::Database& db, const runtime::PageTokens& tokens, Hub& hub)
      : db_(db), tokens_(tokens), hub_(hub) {}

  absl::StatusOr<v1::Referral> GetReferral(const runtime::Call& call, const v1::GetReferralRequest& request);
  absl::StatusOr<v1::ListReferralsResponse> ListReferrals(const runtime::Call& call,
                                                          const v1::ListReferralsRequest& request);
  // Returns at once; `writer` is fed until the referral is closed or the stream ends.
  absl::Status WatchReferral(const runtime::Call& call, const v1::WatchReferralRequest& request,
                             Hub::Writer writer);

 private:
  absl::StatusOr<v1::Referral> Read(const runtime::Call& call, const std::string& referral_id) const;

  const storage::Database& db_;
  const runtime::PageTokens& tokens_;
  Hub& hub_;
};

}  // namespace rapport::intake

#endif  // RAPPORT_SERVICES_INTAKE_QUERIES_H_
