#include <libpq-fe.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "tests/bench/peers/peer.h"
#include "tests/bench/peers/sql.h"

namespace rapport::bench {
namespace {

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

}  // namespace

std::unique_ptr<Peer> MakePostgres(const std::string& connection) {
  return std::make_unique<Postgres>(connection);
}

}  // namespace rapport::bench
