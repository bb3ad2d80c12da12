#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "tests/bench/peers/peer.h"
#include "tests/bench/peers/sql.h"

namespace rapport::bench {
namespace {

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

}  // namespace

std::unique_ptr<Peer> MakeDuckDb(const std::string& library) {
  return std::make_unique<DuckDb>(library);
}

}  // namespace rapport::bench
