// Referrals in the database. Every query is of one network: another network's referral does not exist here.
#ifndef RAPPORT_SERVICES_INTAKE_REFERRAL_STORE_H_
#define RAPPORT_SERVICES_INTAKE_REFERRAL_STORE_H_

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "rapport/intake/v1/intake.pb.h"
#include "services/storage/database.h"

namespace rapport::intake {

// A referral with what is kept beside it.
struct Record {
  std::string network;
  v1::Referral referral;
  int64_t min_as_of = 0;                        // log position that the next ranking must include
  absl::Time rank_at = absl::InfiniteFuture();  // when the ranker may look at it; counts in SUBMITTED only
};

// Tells one revision of one referral from every other; says nothing else. 32 hexadecimal digits.
std::string EtagOf(absl::string_view referral_id, int64_t revision, absl::Time written);

// Errors of all functions below: those of the database, and what is stated.

// The record. NOT_FOUND UNKNOWN_REFERRAL.
absl::StatusOr<Record> Load(storage::Transaction& tx, absl::string_view network,
                            absl::string_view referral_id);

// Writes a new record as revision 1; fills in revision, etag and times.
absl::Status Insert(storage::Transaction& tx, Record& record, absl::Time now);

// Writes a changed record as the next revision; fills in revision, etag and the time of change. ABORTED
// ETAG_MISMATCH when the record was changed since it was loaded: impossible within one transaction, fatal
// outside.
absl::Status Save(storage::Transaction& tx, Record& record, absl::Time now);

// Lets the ranker look at a SUBMITTED referral from `rank_at` on. No new revision; no effect when the
// referral is past `revision`.
absl::Status SetRankAt(storage::Transaction& tx, const Record& record, absl::Time rank_at);

// Up to `limit` SUBMITTED referrals of all networks that may be ranked at `now`, longest due first.
// Thread-safe.
absl::StatusOr<std::vector<Record>> DueForRanking(const storage::Database& db, absl::Time now, int limit);

// All SUBMITTED referrals, due or not. Thread-safe.
absl::StatusOr<int64_t> CountWaiting(const storage::Database& db);

// Where in the list, newest first, a page begins: after this one.
struct ListPosition {
  int64_t created_at_us = std::numeric_limits<int64_t>::max();
  std::string referral_id;
};

struct ListFilter {
  std::string network;
  std::string client_id;                                     // empty: all
  v1::ReferralState state = v1::REFERRAL_STATE_UNSPECIFIED;  // unspecified: all
};

struct ListPage {
  std::vector<v1::Referral> referrals;
  bool more = false;
};

// Up to `limit` referrals after `position`, fewer where they would exceed kMaxPageBytes, but at least one.
// Thread-safe.
absl::StatusOr<ListPage> List(const storage::Database& db, const ListFilter& filter,
                              const ListPosition& position, int limit);

}  // namespace rapport::intake

#endif  // RAPPORT_SERVICES_INTAKE_REFERRAL_STORE_H_
