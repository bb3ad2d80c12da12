#include <algorithm>

#include "faiss/IndexFlat.h"
#include "faiss/impl/IDSelector.h"
#include "tests/bench/peers/peer.h"

namespace rapport::bench {
namespace {

class Faiss : public Peer {
 public:
  std::string name() const override { return "faiss + bitmap"; }
  void Load(const std::vector<Row>& rows) override {
    index_ = std::make_unique<faiss::IndexFlatIP>(kDimensions);
    std::vector<float> vectors(rows.size() * kDimensions, 0.f);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      float* at = vectors.data() + i * kDimensions;
      *at++ = rows[i].access;
      *at++ = rows[i].effect;
      for (const float style : rows[i].style) *at++ = style;
      for (const float felt : rows[i].felt) *at++ = felt;
      for (const std::int64_t set : {rows[i].approaches, rows[i].tags, rows[i].concerns}) {
        for (int word = 0; word < kWords; ++word) *at++ = static_cast<float>(set >> word & 1);
      }
    }
    index_->add(static_cast<faiss::Index::idx_t>(rows.size()), vectors.data());
  }
  Ids Top(const Search& search, const std::vector<std::uint8_t>& passing) override {
    std::vector<float> query(kDimensions, 0.f);
    float* at = query.data();
    *at++ = 1;
    *at++ = 1;
    for (const double weight : search.style) *at++ = static_cast<float>(weight);
    for (const double weight : search.felt) *at++ = static_cast<float>(weight);
    for (std::size_t k = 0; k < 4; ++k) {
      for (int word = 0; word < kWords; ++word) {
        if ((search.masks[k] >> word & 1) != 0)
          at[static_cast<int>(std::min<std::size_t>(k, 2)) * kWords + word] =
              static_cast<float>(search.weights[k]);
      }
    }
    faiss::IDSelectorBitmap selector(passing.size(), passing.data());
    faiss::SearchParameters parameters;
    parameters.sel = &selector;
    std::vector<float> scores(kTop);
    std::vector<faiss::Index::idx_t> labels(kTop);
    index_->search(1, query.data(), kTop, scores.data(), labels.data(), &parameters);
    Ids ids;
    for (const faiss::Index::idx_t label : labels) {
      if (label >= 0) ids.push_back(label);
    }
    return ids;
  }

 private:
  std::unique_ptr<faiss::IndexFlatIP> index_;
};

}  // namespace

std::unique_ptr<Peer> MakeFaiss() {
  return std::make_unique<Faiss>();
}

}  // namespace rapport::bench
