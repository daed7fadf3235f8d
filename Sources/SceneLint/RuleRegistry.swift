// All rules, one line each. A test holds this list to the files of `Rules`.

package enum RuleRegistry {
    package static let rules: [any LintRule] = file + time + media

    private static let file: [any LintRule] = [
        UnusedName(), UnusedImport(), ImportLeavesOut(), ShadowedWord(), ShadowedStyle(), SimilarNames(), DuplicateFile(),
        AbsolutePath(), BackslashPath(), DuplicateOutput(), OutputOverInput(), OutputEnding(), CodecContainer(), QualityIgnored(),
        ThinBitrate(), OddSize(), LanguageCode(), ProvenanceOff(), EmptyShot(), EmptyTitle(), NoEffect(), EmptyBlock(),
        CompetingSize(), SizeIgnored(), FramesWithoutRate(), TimecodeDrift(), Deprecated(),
    ]
    private static let time: [any LintRule] = [
        BeyondShot(), SoundBeyondShot(), SpeechCutOff(), SoundCutOff(), SoundDoubled(), KeysOutOfOrder(), KeyOutsideShot(),
        EasingOvershoot(), MotionTooFast(), FadeTooLong(), TitleTooBrief(), TitlesOverlap(), PictureGap(), LoopJump(),
        OffsetBeyondPath(), RepeatTooShort(), EyesStayShut(), BlinkLength(), ToleranceTooWide(), ShorterThanAFrame(),
        ShotAllTransition(), DubBeyondFootage(), DubOverlap(), OutputBeyondEnd(), CoveredLayer(),
    ]
    private static let media: [any LintRule] = [
        RateConversion(), VariableRate(), PoseBeyondRecording(), BlinkRate(), NoSound(), NoPicture(), NoSuchChannel(),
        LowSampleRate(), SilentFile(), QuietVoice(), Clipping(), LoudnessClips(), Upscaled(), Distorted(), WideColor(),
        MissingGlyph(), UnknownFont(), PersonaLicence(), PersonaConsent(), NoPlate(), FloatingHead(), PersonaRate(),
        CaptionsTooFast(), CaptionsOverlap(), CaptionsBeyondShot(), FaceTooSmall(), FaceTooLarge(), FacelessStretch(),
        FaceTurnedAway(), NoFaceModel(),
    ]
}
