// Small numbers for the strings of the index that no catalog lists: regions, languages, currencies. A search
// turns its few strings into numbers once, and no block compares text.
#ifndef RAPPORT_MATCHER_ELIGIBILITY_SYMBOLS_H_
#define RAPPORT_MATCHER_ELIGIBILITY_SYMBOLS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "matcher/eligibility/epoch.h"

namespace rapport::matcher {

using Symbol = std::uint32_t;

// A table of symbols that copies share until one adds a string: the first that it adds copies the table. It
// only grows: a network knows a few hundred strings, and its directory takes no more than some ten thousand.
class SharedSymbols {
  using Table = absl::flat_hash_map<std::string, Symbol>;

 public:
  std::size_t size() const { return table_->size(); }

  std::optional<Symbol> Find(absl::string_view text) const {
    const auto found = table_->find(text);
    if (found == table_->end()) return std::nullopt;
    return found->second;
  }

  // The symbol of `text`, new where it had none: the next number after all others.
  Symbol Intern(absl::string_view text) {
    // Neighbours state the same few strings: these are mostly found without hashing.
    const auto last = text.empty() ? 0u : static_cast<unsigned char>(text.back());
    const Table::value_type*& recent = recent_[(last ^ text.size()) % recent_.size()];
    if (recent != nullptr && recent->first == text) return recent->second;
    if (const auto known = table_->find(text); known != table_->end()) {
      recent = &*known;
      return known->second;
    }
    recent_.fill(nullptr);  // the table's entries move
    if (const std::uint64_t now = epoch_.Current(); made_ != now) {
      table_ = std::make_shared<Table>(*table_);
      made_ = now;
    }
    const auto symbol = static_cast<Symbol>(table_->size());
    table_->emplace(text, symbol);
    return symbol;
  }

 private:
  std::shared_ptr<Table> table_ = std::make_shared<Table>();
  Epoch epoch_;
  std::uint64_t made_ = 0;                             // when table_ was
  std::array<const Table::value_type*, 16> recent_{};  // entries of table_
};

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_ELIGIBILITY_SYMBOLS_H_
