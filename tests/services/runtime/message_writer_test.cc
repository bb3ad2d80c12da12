// MessageWriter against protobuf: the same bytes for the same fields.
#include "services/runtime/message_writer.h"

#include <cmath>
#include <limits>
#include <random>
#include <string>

#include "echo.pb.h"
#include "gtest/gtest.h"
#include "services/runtime/codec.h"
#include "services/runtime/limits.h"

namespace rapport::runtime {
namespace {

using testing::v1::Sample;

void Write(const Sample& sample, MessageWriter& writer) {
  writer.PutInteger(Sample::kIntegerFieldNumber, sample.integer());
  writer.PutInteger(Sample::kSmallFieldNumber, sample.small());
  writer.PutInteger(Sample::kFlagFieldNumber, sample.flag());
  writer.PutInteger(Sample::kKindFieldNumber, sample.kind());
  writer.PutNumber(Sample::kNumberFieldNumber, sample.number());
  if (sample.has_measured()) writer.AddNumber(Sample::kMeasuredFieldNumber, sample.measured());
  writer.PutText(Sample::kTextFieldNumber, sample.text());
  for (const std::string& text : sample.texts()) writer.AddText(Sample::kTextsFieldNumber, text);
  for (const std::int64_t integer : sample.unpacked())
    writer.AddInteger(Sample::kUnpackedFieldNumber, integer);
  if (sample.has_one()) writer.AddMessage(Sample::kOneFieldNumber, [&] { Write(sample.one(), writer); });
  for (const Sample& each : sample.many())
    writer.AddMessage(Sample::kManyFieldNumber, [&] { Write(each, writer); });
  writer.PutText(Sample::kLastFieldNumber, sample.last());
}

// Values at which an encoding changes its length or its sign, and their neighbours.
class RandomSamples {
 public:
  explicit RandomSamples(std::uint64_t seed) : random_(seed) {}

  Sample Make(int depth) {
    Sample sample;
    if (Below(2) == 0) sample.set_integer(Integer());
    if (Below(2) == 0) sample.set_small(static_cast<std::int32_t>(Integer()));
    sample.set_flag(Below(2) == 0);
    if (Below(2) == 0) sample.set_kind(Sample::KIND_OTHER);
    if (Below(2) == 0) sample.set_number(Number());
    if (Below(2) == 0) sample.set_measured(Number());
    sample.set_text(Text());
    for (std::uint64_t i = Below(4); i > 0; --i) sample.add_texts(Text());
    for (std::uint64_t i = Below(4); i > 0; --i) sample.add_unpacked(Integer());
    if (depth > 0 && Below(2) == 0) *sample.mutable_one() = Make(depth - 1);
    for (std::uint64_t i = depth > 0 ? Below(4) : 0; i > 0; --i) *sample.add_many() = Make(depth - 1);
    if (Below(4) == 0) sample.set_last(Text());
    return sample;
  }

 private:
  std::uint64_t Below(std::uint64_t limit) { return random_() % limit; }
  std::int64_t Integer() {
    const std::uint64_t power = std::uint64_t{1} << Below(64);
    return static_cast<std::int64_t>(power - Below(2));
  }
  double Number() {
    constexpr double kNumbers[] = {0,
                                   -0.0,
                                   .1,
                                   -1e300,
                                   5e-324,
                                   std::numeric_limits<double>::infinity(),
                                   std::numeric_limits<double>::quiet_NaN()};
    return kNumbers[Below(std::size(kNumbers))];
  }
  std::string Text() {
    constexpr std::size_t kLengths[] = {0, 1, 60, 126, 127, 128, 300, 16'370, 16'384};
    return std::string(kLengths[Below(Below(8) == 0 ? 9 : 7)], 'x');
  }

  std::mt19937_64 random_;
};

TEST(MessageWriterTest, WritesTheBytesThatProtobufWrites) {
  RandomSamples samples(1);
  MessageWriter writer;
  for (int i = 0; i < 3'000; ++i) {
    const Sample sample = samples.Make(3);
    writer.Clear();
    Write(sample, writer);
    ASSERT_EQ(writer.bytes(), sample.SerializeAsString()) << "sample " << i;
  }
}

TEST(MessageWriterTest, AMessageOfAnyLengthIsTold) {
  // Of each length about which its own length takes a byte more.
  for (const std::size_t size :
       {0u, 1u, 124u, 125u, 126u, 127u, 16'378u, 16'379u, 16'380u, 2'097'145u, 2'097'160u}) {
    Sample sample;
    sample.mutable_one()->set_text(std::string(size, 'x'));
    MessageWriter writer;
    Write(sample, writer);
    EXPECT_EQ(writer.bytes(), sample.SerializeAsString()) << size;
  }
}

TEST(MessageWriterTest, TakesFieldsThatWereSerialised) {
  Sample one;
  one.set_text("first");
  Sample rest;
  rest.add_texts("second");
  MessageWriter writer;
  writer.AddFields(one.SerializeAsString());
  writer.AddFields("");
  Write(rest, writer);
  one.MergeFrom(rest);
  EXPECT_EQ(writer.bytes(), one.SerializeAsString());
}

TEST(MessageWriterTest, AnAnswerAboveTheLimitIsAnError) {
  MessageWriter writer;
  writer.AddText(1, std::string(kMaxSendMessageBytes, 'x'));
  grpc::ByteBuffer bytes;
  const absl::Status status = Encode(writer, &bytes);
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_NE(status.message().find("4194309 bytes"), absl::string_view::npos) << status;
  writer.Clear();
  writer.AddText(1, "x");
  EXPECT_TRUE(Encode(writer, &bytes).ok());
  EXPECT_EQ(bytes.Length(), 3u);
}

}  // namespace
}  // namespace rapport::runtime
