// Columns that copies of a block share until one of them writes: a change of one therapist copies the few
// columns in which they changed, not the block.
#ifndef RAPPORT_MATCHER_ELIGIBILITY_COLUMN_H_
#define RAPPORT_MATCHER_ELIGIBILITY_COLUMN_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "matcher/domain/therapist.h"
#include "matcher/versioned/fetch.h"

namespace rapport::matcher {

// A vector whose copies share its values until written to. What was copied must not be written to any more:
// blocks see to that (epoch.h). Reading costs what a vector's reading costs.
template <typename T>
class Column {
 public:
  Column() = default;
  Column(const Column& other) : values_(other.values_), data_(other.data_), size_(other.size_) {}
  Column& operator=(const Column&) = delete;

  std::size_t size() const { return size_; }
  const T* data() const { return data_; }
  const T& operator[](std::size_t place) const { return data_[place]; }
  const T* begin() const { return data_; }
  const T* end() const { return data_ + size_; }

  // For writing; until the next resize or push.
  T* Own() {
    Vector();
    return data_;
  }
  void Set(std::size_t place, const T& value) { Own()[place] = value; }
  void Resize(std::size_t size) {
    Vector().resize(size);
    Look();
  }
  void Reserve(std::size_t size) {
    Vector().reserve(size);
    Look();
  }
  void Push(T value) {
    Vector().push_back(std::move(value));
    Look();
  }
  // Calls change(vector), which may add and take away.
  template <typename Change>
  void Edit(Change change) {
    change(Vector());
    Look();
  }
  void ShrinkToFit() {
    if (values_ == nullptr || values_->capacity() == values_->size()) return;
    Vector().shrink_to_fit();
    Look();
  }
  std::size_t MemoryBytes() const { return values_ == nullptr ? 0 : values_->capacity() * sizeof(T); }

 private:
  std::vector<T>& Vector() {
    if (!own_) {
      values_ = values_ == nullptr ? std::make_shared<std::vector<T>>()
                                   : std::make_shared<std::vector<T>>(*values_);
      Look();
      own_ = true;
    }
    return *values_;
  }
  void Look() {
    data_ = values_->data();
    size_ = static_cast<std::uint32_t>(values_->size());
  }

  std::shared_ptr<std::vector<T>> values_;
  // As the vector has them: a search should not wait for one more look.
  T* data_ = nullptr;
  std::uint32_t size_ = 0;
  bool own_ = false;  // made since this was copied
};

// The listings of a block, shared in parts: copying a pointer that counts is the dearest part of a row.
class ListingColumn {
 public:
  ListingColumn() = default;
  ListingColumn(const ListingColumn& other) : parts_(other.parts_) {}
  ListingColumn& operator=(const ListingColumn&) = delete;

  std::size_t size() const { return parts_.size() * kPart; }
  const std::shared_ptr<const Listing>& operator[](std::size_t row) const {
    return (*parts_[row / kPart])[row % kPart];
  }
  // Asks for the memory that reading a row needs: first where its part is; when that has come, the row.
  void FetchPart(std::size_t row) const { FetchLine(parts_.data() + row / kPart); }
  void Fetch(std::size_t row) const { FetchLine(&(*this)[row]); }
  void Set(std::size_t row, std::shared_ptr<const Listing> listing) {
    std::shared_ptr<Part>& at = parts_.Own()[row / kPart];
    const std::uint64_t bit = std::uint64_t{1} << row / kPart;
    if ((own_ & bit) == 0) at = std::make_shared<Part>(*at);
    own_ |= bit;
    (*at)[row % kPart] = std::move(listing);
  }
  // Room for more rows, empty.
  void Grow() {
    own_ |= std::uint64_t{1} << parts_.size();
    parts_.Push(std::make_shared<Part>());
  }
  std::size_t MemoryBytes() const { return parts_.MemoryBytes() + parts_.size() * (sizeof(Part) + 16); }

 private:
  static constexpr std::size_t kPart = 64;
  using Part = std::array<std::shared_ptr<const Listing>, kPart>;

  Column<std::shared_ptr<Part>> parts_;
  std::uint64_t own_ = 0;
};

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_ELIGIBILITY_COLUMN_H_
