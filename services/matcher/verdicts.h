// The verdicts of an upsert stream, kept to what fits into its one answer: whoever sends thousands of rows
// that are wrong in a hundred ways each still hears of every row.
#ifndef RAPPORT_SERVICES_MATCHER_VERDICTS_H_
#define RAPPORT_SERVICES_MATCHER_VERDICTS_H_

#include <cstddef>
#include <cstdint>

#include "rapport/directory/v1/directory.pb.h"
#include "services/runtime/errors.h"

namespace rapport::matcher_service {

// With 10,000 rows whose ids are as long as can be, all of this stays below the limit of one message.
inline constexpr std::size_t kMaxRowViolationsBytes = 4 << 10;
inline constexpr std::size_t kMaxStreamViolationsBytes = 1 << 20;

// Makes `result` a refusal for `violations`; those beyond kMaxRowViolationsBytes are counted in a last one.
void Refuse(const runtime::Violations& violations, directory::v1::RowResult& result);

// Collects the verdicts of one stream. Not thread-safe.
class Verdicts {
 public:
  // Adds a row's verdict. Beyond kMaxStreamViolationsBytes a refused row says only that its reasons did not
  // fit.
  void Add(const directory::v1::RowResult& row);
  // All that was written so far is at or before log position `position`.
  void Reached(std::int64_t position) { response_.set_position(position); }

  const directory::v1::UpsertTherapistsResponse& response() const { return response_; }

 private:
  std::size_t violations_bytes_ = 0;
  directory::v1::UpsertTherapistsResponse response_;
};

}  // namespace rapport::matcher_service

#endif  // RAPPORT_SERVICES_MATCHER_VERDICTS_H_
