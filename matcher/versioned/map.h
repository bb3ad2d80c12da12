// A map whose copies cost nothing and never change: the state of a service is such a map per kind of thing,
// readers hold one version of it for a request while a writer makes the next. A change copies the path to
// what it touches and shares the rest with older versions: a 16-way trie over a hash of the key, with small
// leaves.
//
//   VersionedMap<Client> before;
//   VersionedMap<Client> after = before;   // O(1)
//   after.Set("c1", std::make_shared<const Client>(...));
//   before.Find("c1");                     // still nullptr
#ifndef RAPPORT_MATCHER_VERSIONED_MAP_H_
#define RAPPORT_MATCHER_VERSIONED_MAP_H_

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "matcher/versioned/fetch.h"

namespace rapport::matcher {

// FNV-1a with a final mix: the same on every machine and in every run, so that equal histories give equal
// shapes.
struct StableHash {
  std::uint64_t operator()(absl::string_view key) const {
    std::uint64_t hash = 14695981039346656037u;
    for (const char c : key) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
    hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccdu;
    return hash ^ (hash >> 33);
  }
};

// Thread-safety: const functions may run at once; a version that anybody reads must not be changed, but
// copies of it may. `Hash` is a default-constructible function from absl::string_view to std::uint64_t; keys
// with equal hashes are held, in a leaf that is searched one by one.
template <typename V, typename Hash = StableHash>
class VersionedMap {
 public:
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  // The value of `key`, or nullptr. Valid as long as some version holds it. Expected O(log n).
  const V* Find(absl::string_view key) const {
    const Entry* entry = FindEntry(key);
    return entry == nullptr ? nullptr : entry->value.get();
  }

  // The same, kept alive by the caller.
  std::shared_ptr<const V> Share(absl::string_view key) const {
    const Entry* entry = FindEntry(key);
    return entry == nullptr ? nullptr : entry->value;
  }

  // Asks for the memory that Find will read for `keys`. One look-up is a chain of reads, each of which waits
  // for the one before; here the chains of all keys are followed together, a step of each at a time.
  void Fetch(absl::Span<const absl::string_view> keys) const {
    struct Chain {
      std::uint64_t hash;
      const Node* node;
    };
    absl::InlinedVector<Chain, 32> chains;
    if (root_ != nullptr) {
      for (const absl::string_view key : keys) chains.push_back({Hash()(key), root_.get()});
    }
    absl::InlinedVector<const Entry*, 32> entries;
    for (int shift = 0; !chains.empty(); shift += kBitsPerLevel) {
      for (const auto& [hash, node] : chains) {
        if (node->present == 0) {
          FetchLine(node->entries.data());
        } else {
          FetchLine(node->children.data() + PlaceOf(BitAt(hash, shift), node->present));
        }
      }
      std::size_t longer = 0;
      for (const auto& [hash, node] : chains) {
        if (node->present == 0) {
          for (const Held& held : node->entries) {
            if (held.hash != hash) continue;
            FetchLine(held.entry.get());
            entries.push_back(held.entry.get());
          }
        } else if (const std::uint16_t bit = BitAt(hash, shift); (node->present & bit) != 0) {
          const Node* child = node->children[PlaceOf(bit, node->present)].get();
          FetchLine(child);
          chains[longer++] = {hash, child};
        }
      }
      chains.resize(longer);
    }
    for (const Entry* entry : entries) FetchLines(entry->value.get(), sizeof(V));
  }

  // Gives `key` the value `value` (not null), whether or not it had one. Expected O(log n).
  void Set(absl::string_view key, std::shared_ptr<const V> value) {
    Held held{Hash()(key), std::make_shared<const Entry>(Entry{std::string(key), std::move(value)})};
    bool added = true;
    root_ = root_ == nullptr ? MakeLeaf({std::move(held)}) : WithEntry(*root_, 0, std::move(held), added);
    size_ += added;
  }

  // Removes `key`; false when it is not there. Expected O(log n).
  bool Erase(absl::string_view key) {
    if (FindEntry(key) == nullptr) return false;
    root_ = WithoutEntry(*root_, 0, Hash()(key), key);
    --size_;
    return true;
  }

  // Calls fn(const std::string& key, const std::shared_ptr<const V>& value) for each entry, in an order that
  // depends on the history of this map alone.
  template <typename Fn>
  void ForEach(Fn fn) const {
    if (root_ != nullptr) Visit(*root_, fn);
  }

 private:
  static constexpr int kBitsPerLevel = 4;
  static constexpr int kHashBits = 64;
  // A leaf this small is copied faster than another level is walked.
  static constexpr std::size_t kLeafEntries = 8;

  struct Entry {
    std::string key;
    std::shared_ptr<const V> value;
  };
  struct Held {
    std::uint64_t hash = 0;
    std::shared_ptr<const Entry> entry;
  };
  // A leaf has no children and one entry or more; a branch has children, one for each bit of `present`, in
  // their order.
  struct Node {
    std::uint16_t present = 0;
    std::vector<std::shared_ptr<const Node>> children;
    std::vector<Held> entries;
  };
  using NodePtr = std::shared_ptr<const Node>;

  static std::uint16_t BitAt(std::uint64_t hash, int shift) {
    return static_cast<std::uint16_t>(1u << ((hash >> shift) & 15u));
  }
  static std::size_t PlaceOf(std::uint16_t bit, std::uint16_t present) {
    return static_cast<std::size_t>(std::popcount(static_cast<unsigned>(present) & (bit - 1u)));
  }

  static NodePtr MakeLeaf(std::vector<Held> entries) {
    auto leaf = std::make_shared<Node>();
    leaf->entries = std::move(entries);
    return leaf;
  }

  const Entry* FindEntry(absl::string_view key) const {
    const std::uint64_t hash = Hash()(key);
    const Node* node = root_.get();
    for (int shift = 0; node != nullptr && node->present != 0; shift += kBitsPerLevel) {
      const std::uint16_t bit = BitAt(hash, shift);
      node = (node->present & bit) == 0 ? nullptr : node->children[PlaceOf(bit, node->present)].get();
    }
    if (node == nullptr) return nullptr;
    for (const Held& held : node->entries) {
      if (held.hash == hash && held.entry->key == key) return held.entry.get();
    }
    return nullptr;
  }

  // `node` with `held` put in; `added` becomes false when its key was there.
  static NodePtr WithEntry(const Node& node, int shift, Held held, bool& added) {
    auto changed = std::make_shared<Node>(node);
    if (node.present != 0) {
      const std::uint16_t bit = BitAt(held.hash, shift);
      const std::size_t place = PlaceOf(bit, node.present);
      if ((node.present & bit) != 0) {
        NodePtr& child = changed->children[place];
        child = WithEntry(*child, shift + kBitsPerLevel, std::move(held), added);
      } else {
        changed->present = static_cast<std::uint16_t>(node.present | bit);
        changed->children.insert(changed->children.begin() + static_cast<std::ptrdiff_t>(place),
                                 MakeLeaf({std::move(held)}));
      }
      return changed;
    }
    for (Held& other : changed->entries) {
      if (other.hash != held.hash || other.entry->key != held.entry->key) continue;
      added = false;
      other = std::move(held);
      return changed;
    }
    changed->entries.push_back(std::move(held));
    if (changed->entries.size() > kLeafEntries && shift < kHashBits) return Split(changed->entries, shift);
    return changed;
  }

  // A branch with `entries` spread over its children.
  static NodePtr Split(const std::vector<Held>& entries, int shift) {
    std::array<std::vector<Held>, 16> parts;
    for (const Held& held : entries) parts[(held.hash >> shift) & 15u].push_back(held);
    auto branch = std::make_shared<Node>();
    for (unsigned i = 0; i < parts.size(); ++i) {
      if (parts[i].empty()) continue;
      branch->present = static_cast<std::uint16_t>(branch->present | (1u << i));
      const bool still_full = parts[i].size() > kLeafEntries && shift + kBitsPerLevel < kHashBits;
      branch->children.push_back(still_full ? Split(parts[i], shift + kBitsPerLevel)
                                            : MakeLeaf(std::move(parts[i])));
    }
    return branch;
  }

  // `node`, which holds `key`, without it; nullptr when nothing is left.
  static NodePtr WithoutEntry(const Node& node, int shift, std::uint64_t hash, absl::string_view key) {
    auto changed = std::make_shared<Node>(node);
    if (node.present == 0) {
      std::erase_if(changed->entries,
                    [&](const Held& held) { return held.hash == hash && held.entry->key == key; });
      return changed->entries.empty() ? nullptr : changed;
    }
    const std::uint16_t bit = BitAt(hash, shift);
    const auto place = changed->children.begin() + static_cast<std::ptrdiff_t>(PlaceOf(bit, node.present));
    *place = WithoutEntry(**place, shift + kBitsPerLevel, hash, key);
    if (*place == nullptr) {
      changed->children.erase(place);
      changed->present = static_cast<std::uint16_t>(node.present & ~bit);
    }
    if (changed->children.empty()) return nullptr;
    // A branch with one leaf is that leaf: a map that shrinks loses its height too.
    if (changed->children.size() == 1 && changed->children[0]->present == 0) return changed->children[0];
    return changed;
  }

  template <typename Fn>
  static void Visit(const Node& node, Fn& fn) {
    for (const NodePtr& child : node.children) Visit(*child, fn);
    for (const Held& held : node.entries) fn(held.entry->key, held.entry->value);
  }

  NodePtr root_;
  std::size_t size_ = 0;
};

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_VERSIONED_MAP_H_
