// Another engine: takes a network, answers searches.
#ifndef RAPPORT_TESTS_BENCH_PEERS_PEER_H_
#define RAPPORT_TESTS_BENCH_PEERS_PEER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tests/bench/peers/search.h"

namespace rapport::bench {

using Ids = std::vector<std::int64_t>;

class Peer {
 public:
  virtual ~Peer() = default;
  virtual std::string name() const = 0;
  virtual void Load(const std::vector<Row>& rows) = 0;
  // Ids of the best, best first. `passing`: those who pass, for an engine that is given them.
  virtual Ids Top(const Search& search, const std::vector<std::uint8_t>& passing) = 0;
};

// faiss: flat vectors, and the bitmap of those who pass given for free.
std::unique_ptr<Peer> MakeFaiss();
// SQLite in memory: columns, an index of states, prepared statements.
std::unique_ptr<Peer> MakeSqlite();
// PostgreSQL: as SQLite, rows in the order of states. `connection`: for libpq.
std::unique_ptr<Peer> MakePostgres(const std::string& connection);
// DuckDB by its C interface, loaded at run time: Debian has no package of it.
std::unique_ptr<Peer> MakeDuckDb(const std::string& library);

// Says what is wrong and ends the program.
[[noreturn]] void Fail(const std::string& what);

}  // namespace rapport::bench

#endif  // RAPPORT_TESTS_BENCH_PEERS_PEER_H_
