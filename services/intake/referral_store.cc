// See referral_store.h.
#include "services/intake/referral_store.h"

#include "absl/strings/str_cat.h"
#include "services/contract/convert.h"
#include "services/intake/limits.h"
#include "services/intake/reasons.h"
#include "services/runtime/errors.h"
#include "services/storage/request_ledger.h"

namespace rapport::intake {
namespace {

using storage::Bytes;
using storage::Row;
using storage::Transaction;
using storage::Value;

absl::Status Parse(const Row& row, int column, v1::Referral* referral) {
  if (referral->ParseFromString(row.Blob(column))) return absl::OkStatus();
  return absl::DataLossError("a stored referral is not readable");
}

// Columns: network, referral, min_as_of.
absl::StatusOr<Record> RecordOf(const Row& row) {
  Record record{.network = row.Text(0), .referral = {}, .min_as_of = row.Int(2)};
  if (absl::Status parsed = Parse(row, 1, &record.referral); !parsed.ok()) return parsed;
  // Kept before needs said when they were asked about risk: taken for the earliest that it can have been.
  if (record.referral.needs().has_risk() && !record.referral.needs().risk().has_asked_at()) {
    *record.referral.mutable_needs()->mutable_risk()->mutable_asked_at() = record.referral.created_at();
  }
  return record;
}

Value RankAt(const Record& record) {
  if (record.referral.state() != v1::REFERRAL_STATE_SUBMITTED) return std::monostate();
  return absl::ToUnixMicros(record.rank_at);
}

int64_t Triage(const v1::Referral& referral) {
  return referral.triage_reasons().empty() ? 0 : 1;
}

int64_t CreatedAt(const v1::Referral& referral) {
  return absl::ToUnixMicros(contract::ToTime(referral.created_at()));
}

void Renew(v1::Referral& referral, absl::Time now) {
  referral.set_revision(referral.revision() + 1);
  referral.set_etag(EtagOf(referral.referral_id(), referral.revision(), now));
  *referral.mutable_updated_at() = contract::ToTimestamp(now);
}

}  // namespace

std::string EtagOf(absl::string_view referral_id, int64_t revision, absl::Time written) {
  return storage::request_ledger::Fingerprint(
      absl::StrCat(referral_id, "/", revision, "/", absl::ToUnixMicros(written)));
}

absl::StatusOr<Record> Load(Transaction& tx, absl::string_view network, absl::string_view referral_id) {
  absl::StatusOr<Record> found = runtime::Error(absl::StatusCode::kNotFound, kUnknownReferral,
                                                absl::StrCat("there is no referral ", referral_id),
                                                {{"referral_id", std::string(referral_id)}});
  absl::Status done =
      tx.Query("SELECT network, referral, min_as_of FROM referrals WHERE network = $1 AND referral_id = $2",
               {std::string(network), std::string(referral_id)}, [&](const Row& row) {
                 found = RecordOf(row);
                 return found.status();
               });
  if (!done.ok()) return done;
  return found;
}

absl::Status Insert(Transaction& tx, Record& record, absl::Time now) {
  v1::Referral& referral = record.referral;
  *referral.mutable_created_at() = contract::ToTimestamp(now);
  Renew(referral, now);
  return tx
      .Execute(
          "INSERT INTO referrals (network, referral_id, client_id, state, revision, created_at, rank_at, "
          "min_as_of, triage, "
          "referral) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
          {record.network, referral.referral_id(), referral.client_id(), int64_t{referral.state()},
           referral.revision(), CreatedAt(referral), RankAt(record), record.min_as_of, Triage(referral),
           Bytes{referral.SerializeAsString()}})
      .status();
}

absl::Status Save(Transaction& tx, Record& record, absl::Time now) {
  v1::Referral& referral = record.referral;
  Renew(referral, now);
  absl::StatusOr<int64_t> changed = tx.Execute(
      "UPDATE referrals SET state = $3, revision = $4, rank_at = $5, min_as_of = $6, referral = $7, triage = "
      "$8 "
      "WHERE network = $1 AND referral_id = $2 AND revision = $4 - 1",
      {record.network, referral.referral_id(), int64_t{referral.state()}, referral.revision(), RankAt(record),
       record.min_as_of, Bytes{referral.SerializeAsString()}, Triage(referral)});
  if (!changed.ok()) return changed.status();
  if (*changed == 1) return absl::OkStatus();
  return runtime::Error(absl::StatusCode::kAborted, kEtagMismatch, "the referral was changed meanwhile");
}

absl::Status SetRankAt(Transaction& tx, const Record& record, absl::Time rank_at) {
  return tx
      .Execute(
          "UPDATE referrals SET rank_at = $4 "
          "WHERE network = $1 AND referral_id = $2 AND revision = $3 AND rank_at IS NOT NULL",
          {record.network, record.referral.referral_id(), record.referral.revision(),
           absl::ToUnixMicros(rank_at)})
      .status();
}

absl::StatusOr<std::vector<Record>> DueForRanking(const storage::Database& db, absl::Time now, int limit) {
  std::vector<Record> due;
  absl::Status done = db.Read([&](Transaction& tx) {
    return tx.Query(
        // What lies further ahead than any waits was written by a clock that ran ahead.
        "SELECT network, referral, min_as_of FROM referrals WHERE rank_at <= $1 OR rank_at > $2 "
        "ORDER BY rank_at, created_at LIMIT $3",
        {absl::ToUnixMicros(now), absl::ToUnixMicros(now + kLongestRankingWait), limit}, [&](const Row& row) {
          absl::StatusOr<Record> record = RecordOf(row);
          if (record.ok()) due.push_back(*std::move(record));
          return record.status();
        });
  });
  if (!done.ok()) return done;
  return due;
}

absl::StatusOr<int64_t> CountWaiting(const storage::Database& db) {
  int64_t waiting = 0;
  absl::Status done = db.Read([&](Transaction& tx) {
    return tx.Query("SELECT COUNT(*) FROM referrals WHERE rank_at IS NOT NULL", {}, [&](const Row& row) {
      waiting = row.Int(0);
      return absl::OkStatus();
    });
  });
  if (!done.ok()) return done;
  return waiting;
}

absl::StatusOr<ListPage> List(const storage::Database& db, const ListFilter& filter,
                              const ListPosition& position, int limit) {
  std::string sql =
      "SELECT referral FROM referrals WHERE network = $1 AND (created_at, referral_id) < ($2, $3)";
  std::vector<Value> binds = {filter.network, position.created_at_us, position.referral_id};
  if (!filter.client_id.empty()) {
    binds.push_back(filter.client_id);
    absl::StrAppend(&sql, " AND client_id = $", binds.size());
  }
  if (filter.state == v1::REFERRAL_STATE_NEEDS_TRIAGE) {
    absl::StrAppend(&sql, " AND triage = 1");
  } else if (filter.state != v1::REFERRAL_STATE_UNSPECIFIED) {
    binds.push_back(int64_t{filter.state});
    absl::StrAppend(&sql, " AND state = $", binds.size());
  }
  binds.push_back(int64_t{limit} + 1);  // one more than asked tells whether there is a next page
  absl::StrAppend(&sql, " ORDER BY created_at DESC, referral_id DESC LIMIT $", binds.size());

  ListPage page;
  size_t bytes = 0;
  absl::Status done = db.Read([&](Transaction& tx) {
    return tx.Query(sql, binds, [&](const Row& row) -> absl::Status {
      if (page.more) return absl::OkStatus();
      v1::Referral referral;
      if (absl::Status parsed = Parse(row, 0, &referral); !parsed.ok()) return parsed;
      bytes += referral.ByteSizeLong();
      page.more = page.referrals.size() == static_cast<size_t>(limit) ||
                  (bytes > kMaxPageBytes && !page.referrals.empty());
      if (!page.more) page.referrals.push_back(std::move(referral));
      return absl::OkStatus();
    });
  });
  if (!done.ok()) return done;
  return page;
}

}  // namespace rapport::intake
