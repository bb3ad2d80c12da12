// Small numbers for the strings of the index that no catalog lists: regions, languages, currencies. A search
// turns its few strings into numbers once, and no block compares text.
#ifndef RAPPORT_MATCHER_ELIGIBILITY_SYMBOLS_H_
#define RAPPORT_MATCHER_ELIGIBILITY_SYMBOLS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"

namespace rapport::matcher {

using Symbol = std::uint32_t;

// A table of symbols that copies share until one adds a string. It only grows: a network knows a few hundred
// strings.
class SharedSymbols {
 public:
  std::optional<Symbol> Find(absl::string_view text) const {
    const auto found = table_->find(text);
    if (found == table_->end()) return std::nullopt;
    return found->second;
  }

  // The symbol of `text`, new where it had none: the next number after all others.
  Symbol Intern(absl::string_view text) {
    if (const auto known = Find(text)) return *known;
    auto table = std::make_shared<Table>(*table_);
    const auto symbol = static_cast<Symbol>(table->size());
    table->emplace(text, symbol);
    table_ = std::move(table);
    return symbol;
  }

 private:
  using Table = absl::flat_hash_map<std::string, Symbol>;
  std::shared_ptr<const Table> table_ = std::make_shared<const Table>();
};

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_ELIGIBILITY_SYMBOLS_H_
