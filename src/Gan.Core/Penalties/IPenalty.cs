namespace Gan.Core;

/// <summary>A critic with its weights given: a function of a sample alone.</summary>
public interface ICriticFunction
{
    /// <summary>What the critic says of each point.</summary>
    CriticOutput Judge(Sample sample);
}

/// <summary>A term added to the critic's loss: already weighted, a tensor without dimensions that is never negative.</summary>
public interface IPenalty
{
    /// <summary>The penalty on a critic at real and generated points; the key is for points between them.</summary>
    Tensor Evaluate(ICriticFunction critic, Sample real, Sample fake, RandomKey key);
}

/// <summary>A set that a player's weights are brought back into after each of its updates.</summary>
public interface IConstraint
{
    /// <summary>The weights of the set that stand for the given ones.</summary>
    ParameterTree Project(ParameterTree weights);
}
