#include "tests/bench/peers/sql.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace rapport::bench {
namespace {

constexpr char kColumnNames[] =
    "id, state, until, payers, languages, ages, formats, modalities, declined, confirmed, seats, approaches, "
    "tags, "
    "concerns, access, effect, s0, s1, s2, s3, f0, f1, f2, f3, f4";

}  // namespace

std::string CreateTable(const char* real) {
  std::vector<std::string> columns;
  int number = 0;
  for (const absl::string_view column : absl::StrSplit(kColumnNames, ", "))
    columns.push_back(absl::StrCat(column, number++ < kWholeColumns ? " bigint" : absl::StrCat(" ", real)));
  return absl::StrCat("create table t (", absl::StrJoin(columns, ", "), ")");
}

std::string Csv(std::size_t id, const Row& row) {
  std::string line = absl::StrJoin(
      {static_cast<std::int64_t>(id), row.state, row.until, row.payers, row.languages, row.ages, row.formats,
       row.modalities, row.declined, row.confirmed, row.seats, row.approaches, row.tags, row.concerns},
      ",");
  absl::StrAppendFormat(&line, ",%.9g,%.9g", row.access, row.effect);
  for (const float value : row.style) absl::StrAppendFormat(&line, ",%.9g", value);
  for (const float value : row.felt) absl::StrAppendFormat(&line, ",%.9g", value);
  return line + "\n";
}

std::string Statement(bool everywhere) {
  std::string where = "declined & $8 = 0 and confirmed >= $9 and seats > 0";
  if (!everywhere) {
    where = absl::StrCat(
        "state = $1 and until >= $2 and payers & $3 <> 0 and languages & $4 <> 0 and ages & $5 <> 0 and "
        "formats & $6 <> 0 and modalities & $7 <> 0 and ",
        where);
  } else {
    // So that both statements have the same parameters.
    absl::StrAppend(&where, " and $1 + $2 + $3 + $4 + $5 + $6 + $7 is not null");
  }
  return absl::StrCat(
      "select id from t where ", where,
      " order by access + effect + s0 * $10 + s1 * $11 + s2 * $12 + s3 * $13 + f0 * $14 + f1 * $15 + f2 * "
      "$16 + "
      "f3 * $17 + f4 * $18 + case when approaches & $23 <> 0 then $19 else 0 end + "
      "case when tags & $24 <> 0 then $20 else 0 end + case when concerns & $25 <> 0 then $21 else 0 end + "
      "case when concerns & $26 <> 0 then $22 else 0 end desc, id limit 10");
}

std::array<std::int64_t, 9> Numbers(const Search& search) {
  return {search.state,   search.day,        search.payers,   search.languages, search.ages,
          search.formats, search.modalities, search.declined, search.confirmed};
}
std::vector<double> Weights(const Search& search) {
  std::vector<double> weights(search.style.begin(), search.style.end());
  weights.insert(weights.end(), search.felt.begin(), search.felt.end());
  weights.insert(weights.end(), search.weights.begin(), search.weights.end());
  return weights;
}

}  // namespace rapport::bench
