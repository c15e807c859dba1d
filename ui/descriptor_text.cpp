#include "ui/descriptor_text.hpp"

#include "mmu/descriptor.hpp"

namespace forkscope {

namespace {

bool maps_memory(Descriptor descriptor, unsigned level) {
    const DescriptorType type = descriptor.type(level);
    return type == DescriptorType::Page || type == DescriptorType::Block;
}

const char* describe_permission(u64 raw) {
    switch (static_cast<AccessPermission>(Descriptor::AP::get(raw))) {
    case AccessPermission::El1ReadWrite:
        return "kernel read-write";
    case AccessPermission::BothReadWrite:
        return "user read-write";
    case AccessPermission::El1ReadOnly:
        return "kernel read-only";
    case AccessPermission::BothReadOnly:
        break;
    }
    return "user read-only";
}

} // namespace

std::string describe_descriptor(u64 descriptor, unsigned level) {
    if (!maps_memory(Descriptor(descriptor), level)) {
        return Descriptor::Valid::test(descriptor) ? "a table" : "absent";
    }
    const bool is_user = (Descriptor::AP::get(descriptor) & 1) != 0;
    const bool no_execute =
        is_user ? Descriptor::UXN::test(descriptor) : Descriptor::PXN::test(descriptor);
    std::string text = describe_permission(descriptor);
    text += no_execute ? ", no execute" : ", executable";
    if (!Descriptor::NG::test(descriptor)) {
        text += ", global";
    }
    if (!Descriptor::AF::test(descriptor)) {
        text += ", not accessed yet";
    }
    return text;
}

} // namespace forkscope
