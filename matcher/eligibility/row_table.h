// Where a therapist stands, by id: a 16-way trie over a hash of the id whose leaves hold eight bytes for each
// therapist. The ids themselves are in the profiles; who looks one up compares it there. Copies share all
// nodes; a change copies the path to what it touches, save nodes made since the last copy (see epoch.h).
#ifndef RAPPORT_MATCHER_ELIGIBILITY_ROW_TABLE_H_
#define RAPPORT_MATCHER_ELIGIBILITY_ROW_TABLE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/types/span.h"

#include "matcher/eligibility/bitmap.h"

namespace rapport::matcher {

// A row of a block.
struct RowPlace {
  std::uint32_t block = 0;
  std::uint32_t row = 0;
  friend bool operator==(const RowPlace&, const RowPlace&) = default;
};

// Holds up to 2^20 blocks. Thread-safety: const functions may run at once.
class RowTable {
 public:
  std::size_t size() const { return size_; }

  // The first place under `hash` for which same(RowPlace) is true, or none. Expected O(log n).
  template <typename Same>
  bool Find(std::uint64_t hash, Same same, RowPlace& place) const {
    const auto key = static_cast<std::uint32_t>(hash);
    const Node* node = root_.get();
    for (int shift = 0; node != nullptr && node->children != nullptr; shift += kBitsPerLevel) {
      node = (*node->children)[key >> shift & 15u].get();
    }
    if (node == nullptr) return false;
    for (const Entry& entry : node->entries) {
      if (entry.key != key) continue;
      place = entry.Place();
      if (same(place)) return true;
    }
    return false;
  }

  // Adds a place under `hash`. REQUIRES: it is not there. `epoch`: the owner's present one.
  void Add(std::uint64_t hash, RowPlace place, std::uint64_t epoch);

  // Adds many at once to a table that is empty, much faster than one by one and with the same result. O(n).
  void Fill(const std::vector<std::pair<std::uint64_t, RowPlace>>& by_hash, std::uint64_t epoch);

  // Takes a place away. REQUIRES: it is there.
  void Remove(std::uint64_t hash, RowPlace place, std::uint64_t epoch);

  // Bytes held, shared ones included.
  std::size_t MemoryBytes() const;

 private:
  static constexpr int kBitsPerLevel = 4;
  static constexpr int kKeyBits = 32;
  // A leaf is copied for each change of a version, so it is kept below the size of a page; and it is
  // searched one by one, so below what a search notices.
  static constexpr std::size_t kLeafEntries = 64;

  struct Entry {
    std::uint32_t key = 0;
    std::uint32_t packed = 0;

    RowPlace Place() const { return {packed / Bitmap::kRows, packed % Bitmap::kRows}; }
    static std::uint32_t Pack(RowPlace place) { return place.block * Bitmap::kRows + place.row; }
  };
  struct Node;
  using Children = std::array<std::shared_ptr<Node>, 16>;
  // A branch has children and no entries; a leaf has entries.
  struct Node {
    std::uint64_t epoch = 0;
    std::unique_ptr<Children> children;
    std::vector<Entry> entries;

    Node() = default;
    Node(const Node& other, std::uint64_t now)
        : epoch(now),
          children(other.children == nullptr ? nullptr : std::make_unique<Children>(*other.children)),
          entries(other.entries) {}
  };

  // `slot`'s node as one that the owner may change.
  static Node& Writable(std::shared_ptr<Node>& slot, std::uint64_t epoch);
  // The leaf of `key`, with the path to it made writable.
  Node& LeafOf(std::uint32_t key, std::uint64_t epoch, int& shift);
  static void Split(Node& leaf, int shift, std::uint64_t epoch);
  // A node of `entries`, which are moved about; `room`: of the same size, to work in.
  static std::shared_ptr<Node> NodeOf(absl::Span<Entry> entries, absl::Span<Entry> room, int shift,
                                      std::uint64_t epoch);
  static std::size_t MemoryBytes(const Node& node);

  std::shared_ptr<Node> root_;
  std::size_t size_ = 0;
};

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_ELIGIBILITY_ROW_TABLE_H_
