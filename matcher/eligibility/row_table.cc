#include "matcher/eligibility/row_table.h"

#include <algorithm>
#include <array>
#include <utility>

namespace rapport::matcher {

RowTable::Node& RowTable::Writable(std::shared_ptr<Node>& slot, std::uint64_t epoch) {
  if (slot == nullptr) {
    slot = std::make_shared<Node>();
    slot->epoch = epoch;
  } else if (slot->epoch != epoch) {
    slot = std::make_shared<Node>(*slot, epoch);
  }
  return *slot;
}

RowTable::Node& RowTable::LeafOf(std::uint32_t key, std::uint64_t epoch, int& shift) {
  shift = 0;
  Node* node = &Writable(root_, epoch);
  while (node->children != nullptr) {
    node = &Writable((*node->children)[key >> shift & 15u], epoch);
    shift += kBitsPerLevel;
  }
  return *node;
}

void RowTable::Split(Node& leaf, int shift, std::uint64_t epoch) {
  leaf.children = std::make_unique<Children>();
  for (const Entry& entry : leaf.entries) {
    Writable((*leaf.children)[entry.key >> shift & 15u], epoch).entries.push_back(entry);
  }
  std::vector<Entry>().swap(leaf.entries);
}

void RowTable::Add(std::uint64_t hash, RowPlace place, std::uint64_t epoch) {
  const auto key = static_cast<std::uint32_t>(hash);
  int shift = 0;
  Node* leaf = &LeafOf(key, epoch, shift);
  // Splitting stops at the last bits of the key: ids whose whole keys are equal stay in one leaf.
  while (leaf->entries.size() >= kLeafEntries && shift < kKeyBits) {
    Split(*leaf, shift, epoch);
    leaf = &Writable((*leaf->children)[key >> shift & 15u], epoch);
    shift += kBitsPerLevel;
  }
  leaf->entries.push_back({key, Entry::Pack(place)});
  ++size_;
}

void RowTable::Fill(const std::vector<std::pair<std::uint64_t, RowPlace>>& by_hash, std::uint64_t epoch) {
  std::vector<Entry> entries;
  entries.reserve(by_hash.size());
  for (const auto& [hash, place] : by_hash)
    entries.push_back({static_cast<std::uint32_t>(hash), Entry::Pack(place)});
  std::vector<Entry> room(entries.size());
  if (!entries.empty()) root_ = NodeOf(absl::MakeSpan(entries), absl::MakeSpan(room), 0, epoch);
  size_ = entries.size();
}

std::shared_ptr<RowTable::Node> RowTable::NodeOf(absl::Span<Entry> entries, absl::Span<Entry> room, int shift,
                                                 std::uint64_t epoch) {
  auto node = std::make_shared<Node>();
  node->epoch = epoch;
  if (entries.size() <= kLeafEntries || shift >= kKeyBits) {
    node->entries.assign(entries.begin(), entries.end());
    return node;
  }
  const auto child_of = [shift](const Entry& entry) { return entry.key >> shift & 15u; };
  std::array<std::size_t, 17> ends{};  // of the children's parts; each moves from its begin to its end
  for (const Entry& entry : entries) ++ends[child_of(entry) + 1];
  for (std::size_t i = 1; i < ends.size(); ++i) ends[i] += ends[i - 1];
  for (const Entry& entry : entries) room[ends[child_of(entry)]++] = entry;
  node->children = std::make_unique<Children>();
  std::size_t begin = 0;
  for (std::size_t i = 0; i < 16; ++i) {
    const std::size_t size = ends[i] - begin;
    if (size > 0) {
      (*node->children)[i] =
          NodeOf(room.subspan(begin, size), entries.subspan(begin, size), shift + kBitsPerLevel, epoch);
    }
    begin = ends[i];
  }
  return node;
}

void RowTable::Remove(std::uint64_t hash, RowPlace place, std::uint64_t epoch) {
  const auto key = static_cast<std::uint32_t>(hash);
  int shift = 0;
  Node& leaf = LeafOf(key, epoch, shift);
  std::erase_if(leaf.entries,
                [&](const Entry& entry) { return entry.key == key && entry.packed == Entry::Pack(place); });
  --size_;
}

std::size_t RowTable::MemoryBytes() const {
  return root_ == nullptr ? 0 : MemoryBytes(*root_);
}

std::size_t RowTable::MemoryBytes(const Node& node) {
  std::size_t bytes = sizeof(Node) + 16 + node.entries.capacity() * sizeof(Entry);
  if (node.children == nullptr) return bytes;
  bytes += sizeof(Children);
  for (const auto& child : *node.children) bytes += child == nullptr ? 0 : MemoryBytes(*child);
  return bytes;
}

}  // namespace rapport::matcher
