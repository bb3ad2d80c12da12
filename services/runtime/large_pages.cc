// Linked into every program that allocates with tcmalloc: memory comes in pages of 2 MB where the kernel has
// them (transparent huge pages, "madvise" or "always"). A directory is read all over; with pages of 4 KB most
// looks at it would be a look into the page table first.
#include <gperftools/malloc_extension.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <new>

namespace rapport::runtime {
namespace {

constexpr std::size_t kLargePage = std::size_t{2} << 20;
// Addresses are taken in regions of at least this size, so that the pieces that tcmalloc asks for lie side by
// side; memory is only what is written to.
constexpr std::size_t kRegion = std::size_t{64} << 20;

std::uintptr_t RoundUp(std::uintptr_t value, std::size_t unit) {
  return (value + unit - 1) / unit * unit;
}

// tcmalloc calls it under a lock of its own. It must not allocate.
class LargePages final : public SysAllocator {
 public:
  explicit LargePages(SysAllocator* plain) : plain_(plain) {}

  void* Alloc(std::size_t size, std::size_t* actual_size, std::size_t alignment) override {
    std::uintptr_t begin = RoundUp(next_, alignment);
    if (begin + size > end_ || begin + size < begin) {
      if (!TakeRegion(size, alignment)) return plain_->Alloc(size, actual_size, alignment);
      begin = RoundUp(next_, alignment);
    }
    next_ = begin + size;
    if (actual_size != nullptr) *actual_size = size;
    return reinterpret_cast<void*>(begin);
  }

 private:
  // What is left of the region before stays unused: addresses, not memory.
  bool TakeRegion(std::size_t size, std::size_t alignment) {
    if (size > SIZE_MAX / 4 || alignment > SIZE_MAX / 4) return false;
    const std::size_t bytes = RoundUp(std::max(size + alignment, kRegion), kLargePage) + kLargePage;
    void* const region =
        ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (region == MAP_FAILED) return false;
    next_ = RoundUp(reinterpret_cast<std::uintptr_t>(region), kLargePage);
    end_ = reinterpret_cast<std::uintptr_t>(region) + bytes;
    // A kernel without them says no, and gives small ones.
    ::madvise(reinterpret_cast<void*>(next_), end_ - next_, MADV_HUGEPAGE);
    return true;
  }

  SysAllocator* const plain_;
  std::uintptr_t next_ = 0;
  std::uintptr_t end_ = 0;
};

// Before main, when there is one thread and little memory taken. Never destroyed: memory is asked for until
// the very end.
__attribute__((constructor)) void AskForLargePages() {
  alignas(LargePages) static std::byte place[sizeof(LargePages)];
  MallocExtension* const malloc = MallocExtension::instance();
  malloc->SetSystemAllocator(new (place) LargePages(malloc->GetSystemAllocator()));
}

}  // namespace
}  // namespace rapport::runtime
