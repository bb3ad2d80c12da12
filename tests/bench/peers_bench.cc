// The same therapists, the same needs, other engines: faiss (flat vectors, the bitmap of those who pass given
// for free), DuckDB, PostgreSQL and SQLite (columns, rows in the order of states, prepared statements).
// Filters are the same everywhere. The others rank by the part of the score that each can hold: access plus
// the mean of the latent bond without track records; ours by the score itself, with its variance and the
// curve. Every answer is held against a plain loop over everybody.
// usage: rapport_peers_bench --duckdb=LIBRARY --postgres=CONNECTION [--sizes=100000,1000000] [--picture=FILE]
// A peer whose library or connection is not given is left out, and said to be.
#include <dlfcn.h>
#include <libpq-fe.h>
#include <sqlite3.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "faiss/IndexFlat.h"
#include "faiss/impl/IDSelector.h"
#include "matcher/capacity/reach.h"
#include "matcher/fit/bond_form.h"
#include "matcher/ranking/rank.h"
#include "omp.h"
#include "tests/bench/report.h"
#include "tests/bench/synthetic.h"

namespace rapport::bench {
namespace {

using matcher::Word;

constexpr int kTop = 10;
constexpr int kStyles = 4;
constexpr int kFacets = 5;
constexpr int kWords = 40;  // of each of approaches, tags and concerns at most
// access, effect, style, felt, and one dimension for each approach, tag and concern; a multiple of four.
constexpr int kDimensions = 2 + kStyles + kFacets + 3 * kWords + 1;

// A therapist as a row.
struct Row {
  std::int64_t state = 0, until = 0, payers = 0, languages = 0, ages = 0, formats = 0, modalities = 0,
               declined = 0, confirmed = 0, seats = 0, approaches = 0, tags = 0, concerns = 0;
  float access = 0, effect = 0;
  std::array<float, kStyles> style{};
  std::array<float, kFacets> felt{};
};

// A client's search: bit masks that must be met, and weights.
struct Search {
  bool everywhere = false;
  std::int64_t state = 0, day = 0, payers = 0, languages = 0, ages = 0, formats = 0, modalities = 0,
               declined = 0, confirmed = 0;
  std::array<double, kStyles> style{};
  std::array<double, kFacets> felt{};
  // One approach, one tag, two concerns.
  std::array<std::int64_t, 4> masks{};
  std::array<double, 4> weights{};
};

std::int64_t Mask(const matcher::WordSet& words) {
  std::uint64_t mask = 0;
  for (const Word word : words) mask |= std::uint64_t{1} << word;
  return static_cast<std::int64_t>(mask);
}

std::int64_t LanguageMask(const std::vector<std::string>& languages) {
  std::uint64_t mask = 0;
  for (const std::string& language : languages) mask |= std::uint64_t{1} << std::stoi(language.substr(1));
  return static_cast<std::int64_t>(mask);
}

std::int64_t Day(absl::CivilDay day) {
  return day - absl::CivilDay(1970, 1, 1);
}

Row RowOf(const matcher::State& state, const matcher::Listing& listing) {
  const matcher::Therapist& therapist = *listing.therapist;
  const matcher::Settings& settings = state.catalog->settings();
  Row row;
  row.state = std::stoi(therapist.place->region.substr(3));
  row.until = Day(*therapist.credentials[0].valid_until);
  row.payers = Mask(therapist.payers);
  row.languages = LanguageMask(therapist.languages);
  row.ages = Mask(therapist.age_groups);
  row.formats = Mask(therapist.formats);
  row.modalities = Mask(therapist.modalities);
  row.declined = Mask(therapist.declined_concerns);
  row.confirmed = absl::ToUnixSeconds(listing.last_confirmed);
  row.seats = therapist.seats;
  row.approaches = Mask(therapist.approaches);
  row.tags = Mask(therapist.tags);
  row.concerns = Mask(therapist.concerns);
  row.access = static_cast<float>(
      matcher::BelieveReach(settings, listing.offers, SyntheticNow() - listing.last_confirmed)
          .log_probability +
      matcher::LogStartProbability(settings, therapist.wait_weeks));
  const matcher::TherapistAnswers answers = matcher::AnswersAbout(state.model, therapist.id);
  row.effect = static_cast<float>(answers.mean);
  for (std::size_t d = 0; d < kStyles; ++d) row.style[d] = static_cast<float>(therapist.style[d].value_or(0));
  for (std::size_t f = 0; f < kFacets && !answers.felt.empty(); ++f)
    row.felt[f] = static_cast<float>(answers.felt[f]);
  return row;
}

Search SearchOf(const matcher::State& state, const matcher::RankRequest& request, QueryKind kind) {
  const matcher::Musts& musts = request.needs.musts;
  const matcher::ClientContext& context = request.needs.context;
  const matcher::ClientView client = state.model.View(request.client_id, context);
  const matcher::BondForm form = matcher::FormOf(state.model, client);
  Search search;
  search.everywhere = kind == QueryKind::kUnfiltered;
  search.state = search.everywhere ? 0 : std::stoi(musts.location.region.substr(3));
  search.day = Day(absl::ToCivilDay(SyntheticNow(), musts.time_zone));
  search.payers = Mask(musts.payers);
  search.languages = LanguageMask(musts.languages);
  search.ages = Mask({musts.age_group});
  search.formats = Mask({musts.format});
  search.modalities = Mask(musts.modalities);
  search.declined = Mask(context.concerns);
  search.confirmed =
      absl::ToUnixSeconds(SyntheticNow()) - 86'400LL * state.catalog->settings().confirmation_limit_days;
  for (std::size_t i = 0; i < form.values.size(); ++i) {
    const double slope = form.slope[static_cast<Eigen::Index>(i)];
    const auto about = static_cast<std::size_t>(form.values[i].about);
    switch (form.values[i].source) {
      case matcher::BondForm::Source::kStyle:
        search.style[about] = slope;
        break;
      case matcher::BondForm::Source::kFelt:
        search.felt[about] = slope;
        break;
      case matcher::BondForm::Source::kApproaches:
        search.masks[0] = Mask({context.approaches[0].approach});
        search.weights[0] = slope * context.approaches[0].strength;
        break;
      case matcher::BondForm::Source::kTags:
        search.masks[1] = Mask({context.tags[0].tag});
        search.weights[1] = slope * context.tags[0].strength;
        break;
      case matcher::BondForm::Source::kConcerns:
        for (std::size_t k = 0; k < 2; ++k) {
          search.masks[2 + k] = Mask({context.concerns[k]});
          search.weights[2 + k] = slope / 2;
        }
        break;
    }
  }
  return search;
}

bool Passes(const Search& search, const Row& row) {
  if ((row.declined & search.declined) != 0 || row.confirmed < search.confirmed || row.seats <= 0)
    return false;
  if (search.everywhere) return true;
  return row.state == search.state && row.until >= search.day && (row.payers & search.payers) != 0 &&
         (row.languages & search.languages) != 0 && (row.ages & search.ages) != 0 &&
         (row.formats & search.formats) != 0 && (row.modalities & search.modalities) != 0;
}

double ScoreOf(const Search& search, const Row& row) {
  double score = double{row.access} + row.effect;
  for (std::size_t d = 0; d < kStyles; ++d) score += search.style[d] * row.style[d];
  for (std::size_t f = 0; f < kFacets; ++f) score += search.felt[f] * row.felt[f];
  const std::array<std::int64_t, 4> sets = {row.approaches, row.tags, row.concerns, row.concerns};
  for (std::size_t k = 0; k < 4; ++k) score += (sets[k] & search.masks[k]) != 0 ? search.weights[k] : 0;
  return score;
}

using Ids = std::vector<std::int64_t>;

// Another engine: takes a network, answers searches.
class Peer {
 public:
  virtual ~Peer() = default;
  virtual std::string name() const = 0;
  virtual void Load(const std::vector<Row>& rows) = 0;
  // Ids of the best, best first. `passing`: those who pass, for an engine that is given them.
  virtual Ids Top(const Search& search, const std::vector<std::uint8_t>& passing) = 0;
};

// ---- faiss ----

class Faiss : public Peer {
 public:
  std::string name() const override { return "faiss + bitmap"; }
  void Load(const std::vector<Row>& rows) override {
    index_ = std::make_unique<faiss::IndexFlatIP>(kDimensions);
    std::vector<float> vectors(rows.size() * kDimensions, 0.f);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      float* at = vectors.data() + i * kDimensions;
      *at++ = rows[i].access;
      *at++ = rows[i].effect;
      for (const float style : rows[i].style) *at++ = style;
      for (const float felt : rows[i].felt) *at++ = felt;
      for (const std::int64_t set : {rows[i].approaches, rows[i].tags, rows[i].concerns}) {
        for (int word = 0; word < kWords; ++word) *at++ = static_cast<float>(set >> word & 1);
      }
    }
    index_->add(static_cast<faiss::Index::idx_t>(rows.size()), vectors.data());
  }
  Ids Top(const Search& search, const std::vector<std::uint8_t>& passing) override {
    std::vector<float> query(kDimensions, 0.f);
    float* at = query.data();
    *at++ = 1;
    *at++ = 1;
    for (const double weight : search.style) *at++ = static_cast<float>(weight);
    for (const double weight : search.felt) *at++ = static_cast<float>(weight);
    for (std::size_t k = 0; k < 4; ++k) {
      for (int word = 0; word < kWords; ++word) {
        if ((search.masks[k] >> word & 1) != 0)
          at[static_cast<int>(std::min<std::size_t>(k, 2)) * kWords + word] =
              static_cast<float>(search.weights[k]);
      }
    }
    faiss::IDSelectorBitmap selector(passing.size(), passing.data());
    faiss::SearchParameters parameters;
    parameters.sel = &selector;
    std::vector<float> scores(kTop);
    std::vector<faiss::Index::idx_t> labels(kTop);
    index_->search(1, query.data(), kTop, scores.data(), labels.data(), &parameters);
    Ids ids;
    for (const faiss::Index::idx_t label : labels) {
      if (label >= 0) ids.push_back(label);
    }
    return ids;
  }

 private:
  std::unique_ptr<faiss::IndexFlatIP> index_;
};

// ---- SQL ----

constexpr char kColumns[] =
    "id, state, until, payers, languages, ages, formats, modalities, declined, confirmed, seats, approaches, "
    "tags, "
    "concerns, access, effect, s0, s1, s2, s3, f0, f1, f2, f3, f4";

std::string CreateTable(const char* real) {
  std::vector<std::string> columns;
  int number = 0;
  for (const absl::string_view column : absl::StrSplit(kColumns, ", "))
    columns.push_back(absl::StrCat(column, number++ < 14 ? " bigint" : absl::StrCat(" ", real)));
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

// Parameters $1 to $9 are whole numbers, and from there on weights ($10 to $22) and masks ($23 to $26).
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

[[noreturn]] void Fail(const std::string& what) {
  absl::FPrintF(stderr, "peers: %s\n", what);
  std::exit(1);
}

class Sqlite : public Peer {
 public:
  ~Sqlite() override { Close(); }
  std::string name() const override { return "SQLite"; }
  void Load(const std::vector<Row>& rows) override {
    Close();
    if (sqlite3_open(":memory:", &database_) != SQLITE_OK) Fail("SQLite does not open");
    Execute(CreateTable("real"));
    Execute("begin");
    std::string marks = "?";
    for (int i = 1; i < 25; ++i) marks += ",?";
    sqlite3_stmt* insert = Prepare(absl::StrCat("insert into t values (", marks, ")"));
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const std::vector<std::string> values = absl::StrSplit(absl::StripSuffix(Csv(i, rows[i]), "\n"), ',');
      for (std::size_t k = 0; k < values.size(); ++k) {
        const int place = static_cast<int>(k) + 1;
        if (k < 14) {
          sqlite3_bind_int64(insert, place, std::stoll(values[k]));
        } else {
          sqlite3_bind_double(insert, place, std::stod(values[k]));
        }
      }
      sqlite3_step(insert);
      sqlite3_reset(insert);
    }
    sqlite3_finalize(insert);
    Execute("commit");
    Execute("create index t_state on t (state)");
    Execute("analyze");
    for (const bool everywhere : {false, true})
      statements_[everywhere] = Prepare(absl::StrReplaceAll(Statement(everywhere), {{"$", "?"}}));
  }
  Ids Top(const Search& search, const std::vector<std::uint8_t>&) override {
    sqlite3_stmt* statement = statements_[search.everywhere];
    int place = 0;
    for (const std::int64_t number : Numbers(search)) sqlite3_bind_int64(statement, ++place, number);
    for (const double weight : Weights(search)) sqlite3_bind_double(statement, ++place, weight);
    for (const std::int64_t mask : search.masks) sqlite3_bind_int64(statement, ++place, mask);
    Ids ids;
    while (sqlite3_step(statement) == SQLITE_ROW) ids.push_back(sqlite3_column_int64(statement, 0));
    sqlite3_reset(statement);
    return ids;
  }

 private:
  void Close() {
    for (sqlite3_stmt*& statement : statements_) {
      sqlite3_finalize(statement);
      statement = nullptr;
    }
    sqlite3_close(database_);
    database_ = nullptr;
  }
  void Execute(const std::string& sql) {
    if (sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
      Fail(sqlite3_errmsg(database_));
  }
  sqlite3_stmt* Prepare(const std::string& sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(database_, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK)
      Fail(sqlite3_errmsg(database_));
    return statement;
  }

  sqlite3* database_ = nullptr;
  std::array<sqlite3_stmt*, 2> statements_{};
};

class Postgres : public Peer {
 public:
  explicit Postgres(const std::string& connection) : connection_(PQconnectdb(connection.c_str())) {
    if (PQstatus(connection_) != CONNECTION_OK) Fail(PQerrorMessage(connection_));
  }
  ~Postgres() override { PQfinish(connection_); }
  std::string name() const override { return "PostgreSQL"; }
  void Load(const std::vector<Row>& rows) override {
    Execute("set max_parallel_workers_per_gather = 0");
    Execute("set jit = off");
    Execute("set plan_cache_mode = force_custom_plan");
    Execute("set work_mem = '256MB'");
    Execute("deallocate all");
    Execute("drop table if exists t");
    Execute(CreateTable("real"));
    PQclear(PQexec(connection_, "copy t from stdin (format csv)"));
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const std::string line = Csv(i, rows[i]);
      PQputCopyData(connection_, line.data(), static_cast<int>(line.size()));
    }
    PQputCopyEnd(connection_, nullptr);
    PGresult* result = PQgetResult(connection_);
    if (PQresultStatus(result) != PGRES_COMMAND_OK) Fail(PQerrorMessage(connection_));
    PQclear(result);
    while ((result = PQgetResult(connection_)) != nullptr) PQclear(result);
    Execute("create index t_state on t (state)");
    Execute("cluster t using t_state");
    Execute("vacuum analyze t");
    for (const bool everywhere : {false, true}) {
      std::vector<std::string> types(9, "bigint");
      types.insert(types.end(), 13, "double precision");
      types.insert(types.end(), 4, "bigint");
      Execute(absl::StrCat("prepare q", int{everywhere}, " (", absl::StrJoin(types, ", "), ") as ",
                           Statement(everywhere)));
    }
  }
  Ids Top(const Search& search, const std::vector<std::uint8_t>&) override {
    std::vector<std::string> values;
    for (const std::int64_t number : Numbers(search)) values.push_back(absl::StrCat(number));
    for (const double weight : Weights(search)) values.push_back(absl::StrFormat("%.17g", weight));
    for (const std::int64_t mask : search.masks) values.push_back(absl::StrCat(mask));
    std::vector<const char*> texts;
    for (const std::string& value : values) texts.push_back(value.c_str());
    PGresult* result = PQexecPrepared(connection_, search.everywhere ? "q1" : "q0",
                                      static_cast<int>(texts.size()), texts.data(), nullptr, nullptr, 0);
    if (PQresultStatus(result) != PGRES_TUPLES_OK) Fail(PQerrorMessage(connection_));
    Ids ids;
    for (int i = 0; i < PQntuples(result); ++i) ids.push_back(std::stoll(PQgetvalue(result, i, 0)));
    PQclear(result);
    return ids;
  }

 private:
  void Execute(const std::string& sql) {
    PGresult* result = PQexec(connection_, sql.c_str());
    if (PQresultStatus(result) != PGRES_COMMAND_OK)
      Fail(absl::StrCat(sql, ": ", PQerrorMessage(connection_)));
    PQclear(result);
  }

  PGconn* connection_;
};

// DuckDB by its C interface, loaded at run time: Debian has no package of it.
class DuckDb : public Peer {
 public:
  explicit DuckDb(const std::string& library) : library_(dlopen(library.c_str(), RTLD_NOW)) {
    if (library_ == nullptr) Fail(dlerror());
    Function<int(const char*, void**)>("duckdb_open")(nullptr, &database_);
    Function<int(void*, void**)>("duckdb_connect")(database_, &connection_);
    Execute("set threads = 1");
  }
  std::string name() const override { return "DuckDB"; }
  void Load(const std::vector<Row>& rows) override {
    Execute("drop table if exists t");
    Execute(CreateTable("real"));
    std::vector<std::size_t> order(rows.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return rows[a].state < rows[b].state; });
    const std::string file = "/tmp/rapport_peers.csv";
    std::ofstream csv(file);
    for (const std::size_t i : order) csv << Csv(i, rows[i]);
    csv.close();
    Execute(absl::StrCat("copy t from '", file, "' (format csv, header false)"));
    std::remove(file.c_str());
    for (const bool everywhere : {false, true}) {
      if (Function<int(void*, const char*, void**)>("duckdb_prepare")(
              connection_, Statement(everywhere).c_str(), &statements_[everywhere]) != 0) {
        Fail("DuckDB does not prepare");
      }
    }
  }
  Ids Top(const Search& search, const std::vector<std::uint8_t>&) override {
    void* statement = statements_[search.everywhere];
    static const auto bind_number = Function<int(void*, std::uint64_t, std::int64_t)>("duckdb_bind_int64");
    static const auto bind_weight = Function<int(void*, std::uint64_t, double)>("duckdb_bind_double");
    std::uint64_t place = 0;
    for (const std::int64_t number : Numbers(search)) bind_number(statement, ++place, number);
    for (const double weight : Weights(search)) bind_weight(statement, ++place, weight);
    for (const std::int64_t mask : search.masks) bind_number(statement, ++place, mask);
    Result result{};
    if (Function<int(void*, Result*)>("duckdb_execute_prepared")(statement, &result) != 0)
      Fail(Function<const char*(Result*)>("duckdb_result_error")(&result));
    const auto rows = Function<std::uint64_t(Result*)>("duckdb_row_count")(&result);
    Ids ids;
    for (std::uint64_t i = 0; i < rows; ++i) {
      ids.push_back(
          Function<std::int64_t(Result*, std::uint64_t, std::uint64_t)>("duckdb_value_int64")(&result, 0, i));
    }
    Function<void(Result*)>("duckdb_destroy_result")(&result);
    return ids;
  }

 private:
  // As duckdb.h has it.
  struct Result {
    std::uint64_t columns, rows, changed;
    void* data;
    char* error;
    void* internal;
  };
  template <typename F>
  F* Function(const char* name) const {
    void* found = dlsym(library_, name);
    if (found == nullptr) Fail(absl::StrCat("DuckDB lacks ", name));
    return reinterpret_cast<F*>(found);
  }
  void Execute(const std::string& sql) {
    Result result{};
    if (Function<int(void*, const char*, Result*)>("duckdb_query")(connection_, sql.c_str(), &result) != 0)
      Fail(absl::StrCat(sql, ": ", Function<const char*(Result*)>("duckdb_result_error")(&result)));
    Function<void(Result*)>("duckdb_destroy_result")(&result);
  }

  void* library_;
  void* database_ = nullptr;
  void* connection_ = nullptr;
  std::array<void*, 2> statements_{};
};

// How many of `ids` are not among the best by a plain loop, ties within the rounding of single precision
// aside.
int Wrong(const Ids& ids, const std::vector<double>& best, const Search& search,
          const std::vector<Row>& rows) {
  if (ids.size() != best.size()) return 1;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const Row& row = rows[static_cast<std::size_t>(ids[i])];
    if (!Passes(search, row) || std::abs(ScoreOf(search, row) - best[i]) > 1e-5) return 1;
  }
  return 0;
}

void RunSize(int therapists, int repetitions, const std::vector<std::unique_ptr<Peer>>& peers,
             const std::string& picture, Goals& goals) {
  const auto listings = SyntheticListings(therapists, 0, 1);
  const auto state = RatedState(listings, 2);
  matcher::FillDirectory(listings, *state);
  std::vector<Row> rows;
  for (const auto& listing : listings) rows.push_back(RowOf(*state, *listing));
  for (const auto& peer : peers) peer->Load(rows);

  struct Asked {
    matcher::RankRequest request;
    Search search;
    std::vector<std::uint8_t> passing;
    std::vector<double> best;
  };
  std::map<QueryKind, std::vector<Asked>> asked;
  int checked = 0, wrong = 0;
  for (const QueryKind kind : {QueryKind::kTypical, QueryKind::kUnfiltered}) {
    for (matcher::RankRequest& request :
         SyntheticRequests(kind, kind == QueryKind::kTypical ? 40 : 4, kTop, 7)) {
      request.with_reasons = false;
      // Nobody is left out for having been tried: that is not among the rules asked of the others.
      request.client_id = absl::StrCat("new", asked[kind].size());
      Asked each{std::move(request), {}, std::vector<std::uint8_t>((rows.size() + 7) / 8), {}};
      each.search = SearchOf(*state, each.request, kind);
      std::int64_t passing = 0;
      for (std::size_t i = 0; i < rows.size(); ++i) {
        if (!Passes(each.search, rows[i])) continue;
        ++passing;
        each.passing[i / 8] = static_cast<std::uint8_t>(each.passing[i / 8] | 1 << i % 8);
        each.best.push_back(ScoreOf(each.search, rows[i]));
      }
      std::sort(each.best.rbegin(), each.best.rend());
      each.best.resize(std::min<std::size_t>(each.best.size(), kTop));
      ++checked;
      if (const auto eligible = matcher::Rank(*state, each.request).eligible; eligible != passing) {
        ++wrong;
        absl::PrintF("wrong: %d eligible by ours, %d by a plain loop\n", eligible, passing);
      }
      for (const auto& peer : peers) {
        ++checked;
        if (Wrong(peer->Top(each.search, each.passing), each.best, each.search, rows) == 0) continue;
        ++wrong;
        absl::PrintF("wrong: %s, %s\n", peer->name(), NameOf(kind));
      }
      asked[kind].push_back(std::move(each));
    }
  }
  // By kind and engine: the median of each repetition.
  std::map<std::pair<QueryKind, std::string>, std::vector<double>> medians;
  for (int repetition = 0; repetition < repetitions; ++repetition) {
    for (const auto& [kind, searches] : asked) {
      // Each engine answers all searches in a row, once to fill the caches that the others emptied, then
      // timed.
      std::map<std::string, std::vector<double>> times;
      for (const bool timed : {false, true}) {
        for (const Asked& each : searches) {
          const double seconds = SecondsOf([&] { matcher::Rank(*state, each.request); });
          if (timed) times["rapport"].push_back(seconds);
        }
      }
      for (const auto& peer : peers) {
        for (const bool timed : {false, true}) {
          for (const Asked& each : searches) {
            const double seconds = SecondsOf([&] { peer->Top(each.search, each.passing); });
            if (timed) times[peer->name()].push_back(seconds);
          }
        }
      }
      for (const auto& [name, seconds] : times) medians[{kind, name}].push_back(Median(seconds) * 1e6);
    }
  }
  absl::PrintF("%d therapists, p50 of %d repetitions\n%-12s %-16s %12s %10s\n", therapists, repetitions,
               "query", "engine", "p50 us", "by ours");
  const std::map<std::string, std::pair<double, double>> least = {
      {"faiss + bitmap", {80, 8}}, {"DuckDB", {80, 15}}, {"PostgreSQL", {90, 200}}, {"SQLite", {100, 0}}};
  for (const auto& [which, times] : medians) {
    const auto& [kind, name] = which;
    const double ours = Median(medians.at({kind, "rapport"}));
    const double theirs = Median(times);
    absl::PrintF("%-12s %-16s %12.1f %10.1f\n", NameOf(kind), name, theirs, theirs / ours);
    if (name == "rapport") continue;
    AddToPicture(picture, absl::StrCat(name, " ", NameOf(kind)), therapists, theirs);
    if (therapists != 1'000'000) continue;
    const auto wanted = least.at(name);
    const double factor = kind == QueryKind::kTypical ? wanted.first : wanted.second;
    if (factor > 0)
      goals.AtMost(absl::StrCat(NameOf(kind), ", ours by ", name), ours / theirs, 1 / factor, "");
  }
  absl::PrintF("answers checked against a plain loop: %d, wrong: %d\n\n", checked, wrong);
  goals.AtMost(absl::StrFormat("answers unlike a plain loop's, %d therapists", therapists), wrong, 0, "");
}

int Run(int argc, char** argv) {
  std::vector<int> sizes = {10'000, 100'000, 1'000'000};
  int repetitions = 5;
  std::string duckdb, postgres, picture;
  for (int i = 1; i < argc; ++i) {
    absl::string_view argument = argv[i];
    if (absl::ConsumePrefix(&argument, "--sizes=")) {
      sizes.clear();
      for (const auto size : absl::StrSplit(argument, ',')) {
        if (!absl::SimpleAtoi(size, &sizes.emplace_back())) return 2;
      }
    } else if (absl::ConsumePrefix(&argument, "--repetitions=")) {
      if (!absl::SimpleAtoi(argument, &repetitions)) return 2;
    } else if (absl::ConsumePrefix(&argument, "--duckdb=")) {
      duckdb = std::string(argument);
    } else if (absl::ConsumePrefix(&argument, "--postgres=")) {
      postgres = std::string(argument);
    } else if (absl::ConsumePrefix(&argument, "--picture=")) {
      picture = std::string(argument);
    } else {
      absl::FPrintF(stderr, "unknown argument: %s\n", argv[i]);
      return 2;
    }
  }
  PrintMachine(argc, argv);
  omp_set_num_threads(1);  // every engine has one thread
  std::vector<std::unique_ptr<Peer>> peers;
  peers.push_back(std::make_unique<Faiss>());
  peers.push_back(std::make_unique<Sqlite>());
  if (postgres.empty()) {
    absl::PrintF("PostgreSQL is left out: no connection was given\n");
  } else {
    peers.push_back(std::make_unique<Postgres>(postgres));
  }
  if (duckdb.empty()) {
    absl::PrintF("DuckDB is left out: its library could not be had\n");
  } else {
    peers.push_back(std::make_unique<DuckDb>(duckdb));
  }
  Goals goals;
  for (const int size : sizes) RunSize(size, repetitions, peers, picture, goals);
  goals.Finish();
  return 0;
}

}  // namespace
}  // namespace rapport::bench

int main(int argc, char** argv) {
  return rapport::bench::Run(argc, argv);
}
