// See migrations.h.
#include "services/intake/migrations.h"

#include "services/storage/outbox.h"
#include "services/storage/request_ledger.h"

namespace rapport::intake {
namespace {

// The message is the truth; the columns beside it are what is searched by.
constexpr absl::string_view kReferrals = R"sql(
CREATE TABLE referrals (
  network TEXT NOT NULL,
  referral_id TEXT NOT NULL,
  client_id TEXT NOT NULL,
  state INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  created_at INTEGER NOT NULL, -- times are microseconds since the Unix epoch
  rank_at INTEGER, -- when the ranker looks at it; null unless SUBMITTED
  min_as_of INTEGER NOT NULL, -- log position that the next ranking must include
  referral BLOB NOT NULL, -- rapport.intake.v1.Referral
  PRIMARY KEY (network, referral_id)
) STRICT;
CREATE INDEX referrals_newest ON referrals (network, created_at, referral_id);
CREATE INDEX referrals_of_client ON referrals (network, client_id, created_at, referral_id);
CREATE INDEX referrals_in_state ON referrals (network, state, created_at, referral_id);
CREATE INDEX referrals_waiting ON referrals (rank_at) WHERE rank_at IS NOT NULL;
)sql";

// Those at whom a person must look first, whatever their state. 3 is NEEDS_TRIAGE: before this, no other
// state had reasons.
constexpr absl::string_view kTriage = R"sql(
ALTER TABLE referrals ADD COLUMN triage INTEGER NOT NULL DEFAULT 0;
UPDATE referrals SET triage = 1 WHERE state = 3;
CREATE INDEX referrals_for_triage ON referrals (network, created_at, referral_id) WHERE triage = 1;
)sql";

constexpr storage::Migration kMigrations[] = {
    {1, "answered requests", storage::request_ledger::kSqliteSchema},
    {2, "outbox", storage::outbox::kSqliteSchema},
    {3, "referrals", kReferrals},
    {4, "triage in every state", kTriage},
};

}  // namespace

absl::Span<const storage::Migration> Migrations() {
  return kMigrations;
}

}  // namespace rapport::intake
